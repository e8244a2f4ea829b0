// The lists of people, their pages, Home and the palette, in every visually distinct state; `page-checks.mjs` has the checks.
import { after, describe, it } from 'node:test';
import { button, field, founder, openPerson, row, see, seeHeading } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { checkPage } from './page-checks.mjs';
import { action, choose, link, openList, question, seeChosen } from './list.mjs';
import { invitations, member, numbered, fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

const home = `/i/${founder.slug}`;
const long = 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh';
const people = [
  member('Bram', 'Weiß', { role: 'administrator', seen: 3 }),
  member('Cleo', 'Adler', { role: 'administrator', seen: 300 }),
  member('Dora', 'Lindqvist', { seen: 90_000 }),
  member('Elif', 'Demir'),
  member('Finn', long, { email: `finn.${'a'.repeat(40)}@a-long-name-of-a-hospital.example` }),
  member('Iris', 'Tanaka', { state: 'deactivated', seen: 900 }),
  ...['Hugo', 'Ines', 'Jan', 'Kim'].map((first) => member(first, 'Novák', { state: 'locked' })),
  ...['Lea', 'Mia', 'Noa', 'Ole'].map((first) => member(first, 'Okafor', { state: 'invited', sent: 1800 })),
  member('', '', { email: 'nameless@crowd.example', state: 'invited', mail: 'delayed' }),
  member('Pia', long, { email: 'pia@crowd.example', state: 'invited', mail: 'queued', sent: 1 }),
  member('Rosa', 'Keller', { state: 'invited', asked: true, sent: 1800 }),
  member('Sven', 'Holm', { state: 'invited', mail: 'refused', sent: 1200 }),
  ...numbered(45),
];

after(closeBrowser);

describe('every page about people', () => {
  const at = fixture(people);

  // By search, because not everyone is on the first page.
  async function find(who, name) {
    await who.open(`${users}?q=${encodeURIComponent(name.split(' ')[0])}`);
    await Promise.all([who.page.waitForURL(/\/users\/[0-9a-f-]{36}$/), row(who.page, name).getByRole('link').click()]);
    await seeHeading(who.page, name);
  }

  const wide = (who) => who.page.setViewportSize({ width: 1440, height: 900 });

  it('the list: complete, filtered, searched, without results, with an unknown page', async () => {
    await openList(at.ada, users);
    await checkPage(at.ada, 'users');
    await openList(at.ada, `${users}?state=locked`);
    await checkPage(at.ada, 'users, filtered');
    await openList(at.ada, `${users}?q=okaf&sort=new`);
    await checkPage(at.ada, 'users, searched');
    await openList(at.ada, `${users}?q=xyzzy&state=active`);
    await see(at.ada.page.getByText(word('users.nothing_title')));
    await checkPage(at.ada, 'users, nothing found');
    at.ada.allow(400);
    await at.ada.open(`${users}?after=nothing`);
    await see(at.ada.page.getByText(word('users.page_gone')));
    await checkPage(at.ada, 'users, page gone');
  });

  it('the list with a selection, the removal confirmation, and the members not removed', async () => {
    const bram = await at.signedIn('bram@crowd.example');
    const { page } = bram;
    await openList(bram, `${users}?state=active`);
    await choose(bram, 'Cleo Adler', 'Elif Demir', `Finn ${long}`);
    await checkPage(bram, 'users, chosen');
    await wide(bram);
    await action(page, 'users.remove').click();
    await see(question(bram).getByRole('listitem'));
    await checkPage(bram, 'users, the question before removing');
    await page.keyboard.press('Escape');
    await question(bram).waitFor({ state: 'hidden' });
    await wide(bram);
    await page.keyboard.press('Escape');
    await seeChosen(page, 0);
    await choose(bram, 'Cleo Adler', 'Elif Demir');
    await action(page, 'users.deactivate').click();
    await see(page.getByText(word('users.left_singular')));
    await see(button(page, word('users.undo')));
    await checkPage(bram, 'users, one left');
  });

  it('invitations: complete, with a selection, the revoke confirmation, empty', async () => {
    const { page } = at.ada;
    await openList(at.ada, invitations);
    await checkPage(at.ada, 'invitations');
    await wide(at.ada);
    await choose(at.ada, 'nameless@crowd.example', 'Lea Okafor');
    await checkPage(at.ada, 'invitations, chosen');
    await wide(at.ada);
    await action(page, 'users.revoke').click();
    await see(question(at.ada).getByRole('listitem'));
    await checkPage(at.ada, 'invitations, the question before revoking');
    await openList(at.ada, `${invitations}?q=xyzzy`);
    await see(page.getByText(word('users.nothing_title')));
    await checkPage(at.ada, 'invitations, nothing found');
  });

  it('the user page in every state', async () => {
    for (const [name, state] of [
      ['Dora Lindqvist', 'active'],
      [`Finn ${long}`, 'active, long'],
      ['Iris Tanaka', 'deactivated'],
      ['Hugo Novák', 'locked'],
      [`Pia ${long}`, 'pending, mail waiting'],
      ['nameless@crowd.example', 'pending, mail delayed'],
      ['Lea Okafor', 'expired'],
      ['Rosa Keller', 'expired, asked again'],
      ['Sven Holm', 'mail refused'],
      [`${founder.first} ${founder.last}`, 'main contact'],
    ]) {
      await find(at.ada, name);
      await checkPage(at.ada, `person, ${state}`);
      await wide(at.ada);
    }
  });

  it('the removal confirmation, and a page with actions that are not permitted', async () => {
    await openPerson(at.ada, 'Dora Lindqvist');
    await button(at.ada.page, word('users.remove')).click();
    await see(at.ada.page.getByRole('dialog'));
    await checkPage(at.ada, 'person, remove');
    const bram = await at.signedIn('bram@crowd.example');
    await openPerson(bram, 'Cleo Adler');
    await see(bram.page.getByText(word('common.guard_only_the_main_contact')));
    await checkPage(bram, 'person, another administrator');
  });

  it('editing: initially, with errors, with a fixed role, with a conflict', async () => {
    const { page } = at.ada;
    const bram = await at.signedIn('bram@crowd.example');
    const edit = async (who, name) => {
      await wide(who);
      await openPerson(who, name);
      await link(who.page, 'users.edit').click();
      await seeHeading(who.page, word('users.edit_title', { name }));
    };
    await edit(at.ada, 'Dora Lindqvist');
    await checkPage(at.ada, 'edit');
    await field(page, word('common.first_name')).fill('');
    await page.getByLabel(word('users.phone')).fill('none');
    await button(page, word('common.save')).click();
    await see(page.getByText(word('common.required')));
    await checkPage(at.ada, 'edit with problems');
    await edit(bram, 'Cleo Adler');
    await checkPage(bram, 'edit, the role stays');
    await edit(at.ada, 'Dora Lindqvist');
    await edit(bram, 'Dora Lindqvist');
    await bram.page.getByLabel(word('users.phone')).fill('+46 8 123 456 78');
    await field(bram.page, word('common.first_name')).fill('Dorothea');
    await Promise.all([bram.page.waitForURL(/\/users\/[0-9a-f-]{36}$/), button(bram.page, word('common.save')).click()]);
    await field(page, word('common.last_name')).fill('Lind');
    await button(page, word('common.save')).click();
    await see(page.getByText(word('users.conflict_text')));
    await checkPage(at.ada, 'edit with a conflict');
  });

  it('Home with people who need attention, and with seats', async () => {
    await at.ada.open(home);
    await seeHeading(at.ada.page, word('home.attention'));
    await checkPage(at.ada, 'home, attention');
    await at.muster.query('UPDATE muster.institutions SET seats = 70');
    await at.ada.open(home);
    await see(at.ada.page.getByRole('progressbar'));
    await checkPage(at.ada, 'home, seats');
  });

  it('the search: open, with results, without results', async () => {
    const { page } = at.ada;
    const palette = page.getByRole('dialog', { name: word('home.search'), exact: true });
    await wide(at.ada);
    await at.ada.open(home);
    await page.keyboard.press('/');
    await see(palette);
    await checkPage(at.ada, 'search');
    await page.keyboard.type('nov');
    await see(palette.getByRole('option', { name: 'Hugo Novák' }));
    await checkPage(at.ada, 'search, found');
    await page.keyboard.type('xyzzy');
    await see(palette.locator('strong').getByText(word('home.search_nothing', { query: 'novxyzzy' })));
    await checkPage(at.ada, 'search, nothing found');
  });

  it('in German, which has longer words', async () => {
    await at.muster.query("UPDATE muster.accounts SET language = 'de' WHERE email = 'bram@crowd.example'");
    const bram = await at.signedIn('bram@crowd.example');
    const { page } = bram;
    const german = (key, values) => word(key, values, 'de');
    await bram.open(home);
    await seeHeading(page, german('home.attention'));
    await checkPage(bram, 'home, German');
    await openList(bram, users);
    await choose(bram, 'Cleo Adler');
    await checkPage(bram, 'users, German');
    await openList(bram, invitations);
    await checkPage(bram, 'invitations, German');
    await wide(bram);
    for (const name of ['Cleo Adler', 'Sven Holm', 'Hugo Novák']) {
      await find(bram, name);
      await checkPage(bram, `person ${name}, German`);
      await wide(bram);
    }
    await openPerson(bram, 'Elif Demir');
    await page.getByRole('link', { name: german('users.edit'), exact: true }).click();
    await seeHeading(page, german('users.edit_title', { name: 'Elif Demir' }));
    await checkPage(bram, 'edit, German');
  });

  it('no browser reported an unexpected error', () => at.close());
});
