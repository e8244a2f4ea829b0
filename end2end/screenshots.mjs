// `make screenshots`: every screen on a hydrated page, at three widths, light and dark, with the people of the demo; then
// contact sheets, and the README's pictures. Anything that the browser reports as a problem fails it.
import { button, field, see, signIn } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { startDemo } from './demo.mjs';
import { importPictures } from './import-pictures.mjs';
import { person } from './people.mjs';
import { beginPictures, folder, forReadme, picture, sheets, taken, wrong } from './pictures.mjs';
import { word } from './translations.mjs';

const home = '/i/harbour-clinic';
const chief = 'kestrel.harbour';

await beginPictures();

const people = [];
let origin;
async function somebody(options) {
  const who = await person(origin, options);
  people.push(who);
  return who;
}

// --- the first day --------------------------------------------------------------------------------------------------
const muster = await startDemo(async ({ origin: there, setupLink, mailboxLink }) => {
  origin = there;
  const who = await somebody();
  await who.open(setupLink);
  await picture(who, 'set-up');
  await field(who.page, word('setup.institution_name')).fill('Harbour Clinic');
  await field(who.page, word('common.first_name')).fill('Amara');
  await field(who.page, word('common.last_name')).fill('Okafor');
  await field(who.page, word('common.username')).fill('amara.admin');
  await field(who.page, word('common.password')).fill('too short');
  await field(who.page, word('common.email')).fill('amara at harbour');
  await button(who.page, word('setup.submit')).click();
  await see(who.page.getByText(word('common.email_not_an_address')));
  await picture(who, 'set-up, with problems');
  await who.open(mailboxLink);
  await picture(who, 'mailbox, empty');
});

try {
  const { password, link, query } = muster;
  const member = (where) =>
    query(
      `SELECT m.id FROM muster.memberships m LEFT JOIN muster.accounts a ON a.id = m.account_id
       LEFT JOIN muster.invitations i ON i.institution_id = m.institution_id AND i.membership_id = m.id AND i.closed_at IS NULL
       JOIN muster.roles r ON r.institution_id = m.institution_id AND r.id = m.role_id
       WHERE m.listing IS NOT NULL AND ${where} ORDER BY m.sort_name LIMIT 1`,
    );
  const username = (id) => query(`SELECT a.username FROM muster.accounts a JOIN muster.memberships m ON m.account_id = a.id WHERE m.id = '${id}'`);
  const address = (id) => query(`SELECT email FROM muster.memberships WHERE id = '${id}'`);

  const amara = await somebody();
  await signIn(amara, chief, password);
  const { page } = amara;
  const users = `${home}/users`;

  // --- the list -----------------------------------------------------------------------------------------------------
  await amara.open(users);
  await picture(amara, 'users', { whole: false });
  // Newest first: they include people who have not joined yet.
  const newest = `${users}?sort=new`;
  const choose = async (view) => {
    for (const n of [2, 3, 4]) await view.locator('tbody input[type=checkbox]').nth(n).check({ force: true });
    await view.mouse.move(0, 0);
  };
  await forReadme(amara, 'users', { width: 1440, height: 900, to: newest });
  await forReadme(amara, 'users-dark', { width: 1440, height: 900, to: newest, colorScheme: 'dark', prepare: choose });
  await forReadme(amara, 'users-390', { width: 390, height: 844, to: newest });
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await picture(amara, 'users, the end of a page', { whole: false });
  await amara.open(`${users}?state=expired`);
  await picture(amara, 'users, filtered');
  await amara.open(`${users}?q=be`);
  await picture(amara, 'users, searched');
  await amara.open(`${users}?q=zzyzx`);
  await picture(amara, 'users, nothing found');
  await amara.open(`${users}?sort=new`);
  for (const n of [1, 2, 3, 5]) await page.locator('tbody input[type=checkbox]').nth(n).check({ force: true });
  await picture(amara, 'users, chosen', { whole: false });
  await page.locator('.bulk').getByRole('button', { name: new RegExp(`^${word('users.remove')}`) }).click();
  await see(page.locator('dialog[open]'));
  await picture(amara, 'users, remove the chosen?', { whole: false });
  await amara.open(`${home}/invitations`);
  await picture(amara, 'invitations', { whole: false });

  // --- the frame ----------------------------------------------------------------------------------------------------
  await amara.open(home);
  await picture(amara, 'home of an administrator');
  await forReadme(amara, 'home', { width: 1440, height: 900, to: home });
  await button(page, word('home.create_what')).click();
  await picture(amara, 'the Create menu', { whole: false });
  await amara.open(home);
  await button(page, word('home.switch', { name: 'Harbour Clinic' })).click();
  await picture(amara, 'the institutions’ menu', { whole: false });
  await amara.open(home);
  await button(page, word('home.your_menu', { name: 'Amara Okafor' })).click();
  await picture(amara, 'the account menu', { whole: false });
  await amara.open(home);
  await page.keyboard.press('/');
  await see(page.locator('.palette:popover-open'));
  await picture(amara, 'palette, open', { whole: false });
  await page.keyboard.type('an');
  await see(page.getByText(word('home.search_all', { query: 'an' })));
  await see(page.getByRole('option').filter({ hasText: '@' }));
  await picture(amara, 'palette, searched', { whole: false });
  await page.keyboard.type('zzyzx');
  await see(page.locator('.palette:popover-open').getByText(word('home.search_nothing', { query: 'anzzyzx' })));
  await picture(amara, 'palette, nothing found', { whole: false });
  await page.setViewportSize({ width: 390, height: 844 });
  await amara.open(users);
  await button(page, word('home.menu')).click();
  await picture(amara, 'the menu on a phone', { whole: false, widths: [390] });

  // --- one person ---------------------------------------------------------------------------------------------------
  const active = await member("m.listing = 'active' AND m.viewed_at IS NOT NULL AND r.code = 'basic'");
  const states = {
    active,
    'an administrator': await member("m.listing = 'active' AND r.code = 'administrator' AND m.email <> 'amara.okafor@harbour.example'"),
    oneself: await member("m.email = 'amara.okafor@harbour.example'"),
    pending: await member("m.listing = 'invited' AND i.expires_at > clock_timestamp() + interval '8 hours' AND i.mail_state = 'sent' AND m.first_name <> ''"),
    'pending without a name': await member("m.listing = 'invited' AND i.expires_at > clock_timestamp() AND i.mail_state = 'sent' AND m.first_name = ''"),
    expired: await member("m.listing = 'invited' AND i.expires_at < clock_timestamp() AND i.asked_again_at IS NULL"),
    'who asked for a new link': await member("m.listing = 'invited' AND i.asked_again_at IS NOT NULL"),
    'whose mail was refused': await member("m.listing = 'invited' AND i.mail_state = 'refused'"),
    locked: await member("m.listing = 'locked'"),
    deactivated: await member("m.listing = 'deactivated'"),
  };
  for (const [state, id] of Object.entries(states)) {
    await amara.open(`${users}/${id}`);
    await picture(amara, `person, ${state}`);
  }
  await forReadme(amara, 'user', { width: 1440, height: 900, to: `${users}/${states['who asked for a new link']}` });
  await amara.open(`${users}/${active}`);
  await button(page, word('users.remove')).click();
  await see(page.locator('dialog[open]'));
  await picture(amara, 'person, remove?', { whole: false });
  await amara.open(`${users}/${states.pending}`);
  await button(page, word('users.revoke')).click();
  await see(page.locator('dialog[open]'));
  await picture(amara, 'person, revoke?', { whole: false });
  await amara.open(`${users}/${states.pending}`);
  await button(page, word('users.copy_link')).click();
  await see(field(page, word('users.copied_label')));
  await picture(amara, 'person, a copied link');

  // --- editing ------------------------------------------------------------------------------------------------------
  await amara.open(`${users}/${active}/edit`);
  await picture(amara, 'edit');
  await field(page, word('common.first_name')).fill('');
  await page.getByLabel(word('users.phone')).fill('call me');
  await button(page, word('common.save')).click();
  await see(page.getByText(word('common.required')));
  await picture(amara, 'edit, with problems');
  const other = await somebody();
  await signIn(other, await username(states['an administrator']), password);
  await amara.open(`${users}/${active}/edit`);
  await other.open(`${users}/${active}/edit`);
  await other.page.getByLabel(word('users.phone')).fill('+49 30 1234567');
  await Promise.all([other.page.waitForURL(new RegExp(`/users/${active}$`)), button(other.page, word('common.save')).click()]);
  await see(other.page.getByText(/have been saved/));
  await picture(other, 'person, just saved');
  await page.getByLabel(word('users.phone')).fill('+49 30 7654321');
  await button(page, word('common.save')).click();
  await see(page.getByText(word('users.conflict_text')));
  await picture(amara, 'edit, a conflict');

  // --- inviting -----------------------------------------------------------------------------------------------------
  await amara.open(`${home}/invite`);
  await picture(amara, 'invite');
  const nadia = 'nadia.brunner@lakeside.example';
  const rows = [
    'noemi.castel@harbour.example',
    nadia,
    'amara.okafor@harbour.example',
    await address(states.pending),
    await address(states.expired),
    'maximiliane.von-der-heydt-oberhausen@krankenhaus.example',
  ];
  for (const [index, email] of rows.entries()) {
    if (index > 0 && (await field(page, word('invitations.email_of', { n: index + 1 })).count()) === 0) {
      await button(page, word('invitations.add')).click();
    }
    await field(page, word('invitations.email_of', { n: index + 1 })).fill(email);
  }
  await page.getByLabel(word('invitations.note')).fill('We start on Monday at nine, by the main entrance.');
  await picture(amara, 'invite, filled in');
  await button(page, word('invitations.submit')).last().click();
  await see(page.getByText(word('invitations.already_member')));
  await picture(amara, 'invite, with outcomes');
  await amara.open(`${users}/new`);
  await picture(amara, 'create user');
  await field(page, word('common.email')).fill('someone');
  await button(page, word('users.create')).click();
  await see(page.getByText(word('common.required')));
  await picture(amara, 'create user, with problems');

  // --- importing ----------------------------------------------------------------------------------------------------
  const account = await importPictures({ amara, home, query });
  const newcomer = await somebody();
  await signIn(newcomer, account.username, account.password, /\/new-password$/);
  await picture(newcomer, 'new password');
  newcomer.allow(422);
  await field(newcomer.page, word('session.new_password')).fill(account.password);
  await button(newcomer.page, word('session.reset_submit')).click();
  await see(newcomer.page.getByText(word('common.password_mailed')));
  await picture(newcomer, 'new password, the mailed one');

  // --- accepting ----------------------------------------------------------------------------------------------------
  const guest = await somebody();
  guest.allow(410, 422);
  const invitation = await link('noemi.castel@harbour.example', 'accept');
  await guest.open(invitation);
  await picture(guest, 'accept');
  const typeIn = async (view) => {
    await field(view, word('common.first_name')).fill('Noémi');
    await field(view, word('common.last_name')).fill('Castel');
    await field(view, word('common.username')).fill('castel.harbour');
    await field(view, word('common.password')).fill('four quiet herons');
    await see(view.getByText(word('setup.rule_name_found', { found: 'castel' })));
    await see(view.getByText(new RegExp(['weak', 'fair', 'strong', 'very_strong'].map((how) => word(`setup.strength_${how}`)).join('|'))));
  };
  await typeIn(guest.page);
  await picture(guest, 'accept, the checklist at work');
  await forReadme(guest, 'accept-390', { width: 390, height: 1010, to: new URL(guest.page.url()).pathname + new URL(guest.page.url()).search, prepare: typeIn });
  await amara.open(invitation);
  await picture(amara, 'accept, another’s session');
  await amara.open(home);
  const owner = await somebody();
  await signIn(owner, 'heron.lake', password);
  await owner.open(await link(nadia, 'accept'));
  await picture(owner, 'accept, with an account');
  const late = await somebody();
  const lateLink = await link('maximiliane.von-der-heydt-oberhausen@krankenhaus.example', 'accept');
  await late.open(lateLink);
  await picture(late, 'accept, a long address');
  await query(
    `UPDATE muster.invitations i SET expires_at = clock_timestamp() - interval '3 hours'
     FROM muster.memberships m WHERE m.institution_id = i.institution_id AND m.id = i.membership_id AND m.email LIKE 'maximiliane%'`,
  );
  await late.open(lateLink);
  await picture(late, 'accept, expired');
  await button(late.page, word('accept.ask_again')).click();
  await see(late.page.getByText(word('accept.asked_title')));
  await picture(late, 'accept, asked again');
  await guest.open(`/accept/${'A'.repeat(43)}`);
  await picture(guest, 'a dead link');
  await guest.open('/accept?link=elsewhere000');
  await picture(guest, 'a link that this browser does not have');
  await guest.open(invitation);
  await field(guest.page, word('common.first_name')).fill('Noémi');
  await field(guest.page, word('common.last_name')).fill('Castel');
  await field(guest.page, word('common.username')).fill('heron.lantern');
  await field(guest.page, word('common.password')).fill('four quiet herons');
  await Promise.all([guest.page.waitForURL(new RegExp(`${home}/?$`)), button(guest.page, word('accept.submit')).click()]);
  await guest.alive();
  await picture(guest, 'home, just joined');
  await guest.open(invitation);
  await picture(guest, 'accept, already joined');
  guest.allow(403);
  await guest.open(users);
  await picture(guest, 'users, forbidden');

  // --- profile ------------------------------------------------------------------------------------------------------
  const basic = await somebody();
  await signIn(basic, await username(active), password);
  await basic.open(home);
  await picture(basic, 'home of a Basic member');
  await basic.open('/profile');
  await picture(basic, 'profile');
  await query(`UPDATE muster.accounts SET unconfirmed_email = email, email = NULL WHERE username = '${await username(active)}'`);
  await basic.open('/profile');
  await picture(basic, 'profile, an unconfirmed address');
  await button(basic.page, word('profile.confirm')).click();
  await see(basic.page.getByText(word('profile.confirm_sent')));
  await basic.open(await link(await address(active), 'confirm'));
  await picture(basic, 'confirm');
  const elsewhere = await somebody();
  await elsewhere.open(await link(await address(active), 'confirm'));
  await picture(elsewhere, 'confirm, without a session');

  // --- signing in ---------------------------------------------------------------------------------------------------
  const stranger = await somebody();
  stranger.allow(401, 404, 410, 429);
  await stranger.open('/sign-in');
  await picture(stranger, 'sign-in');
  const locked = await address(states['an administrator']);
  const fail = async () => {
    await stranger.open('/sign-in');
    await field(stranger.page, word('session.identifier')).fill(locked);
    await field(stranger.page, word('common.password')).fill('a guess that is wrong');
    await button(stranger.page, word('common.sign_in')).click();
    await see(stranger.page.locator('.banner'));
  };
  await fail();
  await picture(stranger, 'sign-in, failed');
  for (let time = 1; time < 10; time += 1) await fail();
  await stranger.open(await link(locked, 'unlock'));
  await picture(stranger, 'unlock');
  await Promise.all([
    stranger.page.waitForURL((url) => url.pathname !== '/unlock'),
    button(stranger.page, word('session.unlock_submit')).click(),
  ]);
  await stranger.alive();
  await picture(stranger, 'sign-in, after unlocking');
  await stranger.open('/forgotten');
  await picture(stranger, 'forgotten');
  await field(stranger.page, word('session.identifier')).fill(chief);
  await button(stranger.page, word('session.forgotten_submit')).click();
  await see(stranger.page.getByText(word('session.forgotten_sent_title')));
  await picture(stranger, 'forgotten, sent');
  await stranger.open(await link('amara.okafor@harbour.example', 'reset'));
  await picture(stranger, 'reset');
  await stranger.open(`/reset/${'A'.repeat(43)}`);
  await picture(stranger, 'reset, over');
  await stranger.open('/nothing/here');
  await picture(stranger, '404');
  amara.allow(404);
  await amara.open('/i/southwind-clinic/users');
  await picture(amara, 'an institution that is not there');

  // --- faults of the setup -------------------------------------------------------------------------------------------
  // A form of no known origin, as a page of a wrong proxy sends it.
  const misled = await somebody();
  misled.allow(403);
  await misled.page.setContent(`<form method="post" action="${origin}/sign-in"><button>Send</button></form>`);
  await Promise.all([misled.page.waitForURL('**/sign-in'), misled.page.getByRole('button').click()]);
  await picture(misled, 'a form from another address');
  await query(
    `INSERT INTO muster.mail_pauses (scope, cause, certain, response, until)
     VALUES ('00000000-0000-0000-0000-000000000000', 'authentication', true, '535 5.7.8 rejected', clock_timestamp() + interval '1 hour')`,
  );
  await amara.open(home);
  await picture(amara, 'home, email is delayed');
  await amara.open(users);
  await picture(amara, 'users, email is delayed', { whole: false });
  await query('DELETE FROM muster.mail_pauses');

  // --- the mailbox --------------------------------------------------------------------------------------------------
  await amara.open(muster.mailboxLink());
  await picture(amara, 'mailbox');
  await page.getByRole('link').filter({ hasText: nadia }).first().click();
  await page.waitForURL(/\/dev\/mailbox\/\d+$/);
  await see(page.getByText(word('mailbox.text_title')));
  await page.waitForLoadState('networkidle');
  await picture(amara, 'mailbox, a mail');

  // --- in German ----------------------------------------------------------------------------------------------------
  await query(`UPDATE muster.accounts SET language = 'de' WHERE username = '${chief}'`);
  const german = await somebody({ locale: 'de-DE' });
  await german.open('/sign-in');
  await picture(german, 'German, sign-in');
  await field(german.page, word('session.identifier', {}, 'de')).fill(chief);
  await field(german.page, word('common.password', {}, 'de')).fill(password);
  await Promise.all([german.page.waitForURL(/\/i\//), button(german.page, word('common.sign_in', {}, 'de')).click()]);
  await german.open(home);
  await picture(german, 'German, home');
  await german.open(users);
  await picture(german, 'German, users', { whole: false });
  for (const n of [1, 2, 3]) await german.page.locator('tbody input[type=checkbox]').nth(n).check({ force: true });
  await picture(german, 'German, users, chosen', { whole: false });
  await german.open(`${home}/invitations`);
  await picture(german, 'German, invitations', { whole: false });
  for (const state of ['active', 'whose mail was refused', 'who asked for a new link']) {
    await german.open(`${users}/${states[state]}`);
    await picture(german, `German, person, ${state}`);
  }
  await german.open(`${users}/${active}/edit`);
  await picture(german, 'German, edit');
  await german.open(`${home}/invite`);
  await picture(german, 'German, invite');
  await german.open('/profile');
  await picture(german, 'German, profile');
  await german.page.goto(`${origin}${home}`);
  await german.alive();
  await german.page.keyboard.press('/');
  await german.page.keyboard.type('an');
  await see(german.page.getByText(word('home.search_all', { query: 'an' }, 'de')));
  await picture(german, 'German, palette', { whole: false });
  const gast = await somebody({ locale: 'de-DE' });
  await query("UPDATE muster.invitations SET language = 'de'");
  await gast.open(await link(nadia, 'accept'));
  await picture(gast, 'German, accept');

  for (const who of people) await who.close().catch((error) => wrong.push(error.message));
  const made = taken.length > 0 ? await sheets() : [];
  console.log(`${taken.length} pictures and ${made.length} sheets are in ${folder}`);
} finally {
  for (const who of people) await who.context.close().catch(() => {});
  await closeBrowser();
  await muster.stop();
}
if (wrong.length > 0) {
  console.error([...new Set(wrong)].join('\n'));
  process.exitCode = 1;
}
