// Every page, in every visually distinct state; `page-checks.mjs` has the checks. The lists of people, their pages and the frame
// around them are in `users-pages.test.mjs`.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acceptAsNew, button, field, founder, invite, openPerson, see, setUp, signIn } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { checkPage } from './page-checks.mjs';
import { linkIn } from './mail.mjs';
import { assertAccessible, person } from './people.mjs';
import { startMuster } from './server.mjs';
import { word } from './translations.mjs';

after(closeBrowser);

describe('every page', () => {
  let muster;
  let ada;
  const people = [];
  const links = {};
  const home = `/i/${founder.slug}`;

  async function somebody(options) {
    const who = await person(muster.origin, options);
    people.push(who);
    return who;
  }

  before(async () => {
    muster = await startMuster();
    ada = await somebody();
  });

  after(async () => {
    for (const who of people) await who.context.close();
    await muster?.stop();
  });

  it('setup', async () => {
    await ada.open(muster.setupLink);
    await checkPage(ada, 'set-up');
  });

  it('setup with every field invalid', async () => {
    ada.allow(422);
    await field(ada.page, word('common.username')).fill('admin.com');
    await button(ada.page, word('setup.submit')).click();
    await see(ada.page.getByText(word('common.required')));
    await checkPage(ada, 'set-up with problems');
  });

  it('the empty list', async () => {
    await setUp(ada, muster);
    await checkPage(ada, 'users, empty');
  });

  it('setup after it was completed', async () => {
    const who = await somebody();
    who.allow(410);
    await who.open(muster.setupLink);
    await checkPage(who, 'set-up, over');
  });

  it('Home of an administrator, with its menus', async () => {
    await ada.open(home);
    await checkPage(ada, 'home');
    await ada.page.setViewportSize({ width: 1440, height: 900 });
    for (const name of [word('home.create_what'), word('home.switch', { name: founder.institution })]) {
      await button(ada.page, name).click();
      await assertAccessible(ada.page, `Home with the menu '${name}'`);
      await ada.page.keyboard.press('Escape');
    }
  });

  it('invite, empty and with errors', async () => {
    await ada.open(`${home}/invite`);
    await checkPage(ada, 'invite');
    await invite(ada, ['not an address', founder.email]);
    await see(ada.page.getByText(word('common.email_not_an_address')));
    await checkPage(ada, 'invite with problems');
  });

  it('create user, empty and with errors', async () => {
    await ada.open(`${home}/users/new`);
    await checkPage(ada, 'create user');
    await button(ada.page, word('users.create')).click();
    await see(ada.page.getByText(word('common.required')));
    await checkPage(ada, 'create user with problems');
  });

  it('the list with people in every state', async () => {
    const addresses = ['marty', 'zoe', 'otto', 'a-rather-long-name-that-does-not-end-soon'].map((name) => `${name}@home.example`);
    await invite(ada, addresses, { note: 'See you on Monday.' });
    for (const address of addresses) links[address] = linkIn(await muster.mail.to(address), 'accept');
    await muster.query(
      `UPDATE muster.invitations i SET expires_at = clock_timestamp() - interval '3 days', mail_state = 'refused', asked_again_at = clock_timestamp()
       FROM muster.memberships m WHERE m.institution_id = i.institution_id AND m.id = i.membership_id AND m.email = 'otto@home.example'`,
    );
    const who = await somebody();
    await who.open(links['marty@home.example']);
    await acceptAsNew(who, { first: 'Marty', last: 'Reed', password: 'the kettle sings at nine' });
    await checkPage(who, 'home, just joined');
    who.allow(403);
    await who.open(`${home}/users`);
    await checkPage(who, 'users, forbidden');
    await ada.open(`${home}/users`);
    await checkPage(ada, 'users');
  });

  it('the user page: active, invited, expired, and the revoke confirmation', async () => {
    await openPerson(ada, 'Marty Reed');
    await checkPage(ada, 'person, active');
    await openPerson(ada, 'otto@home.example');
    await checkPage(ada, 'person, expired');
    await openPerson(ada, 'zoe@home.example');
    await checkPage(ada, 'person, invited');
    await button(ada.page, word('users.copy_link')).click();
    await see(field(ada.page, word('users.copied_label')));
    await checkPage(ada, 'person, copied link');
    await ada.page.setViewportSize({ width: 1440, height: 900 });
    await button(ada.page, word('users.revoke')).click();
    await checkPage(ada, 'person, revoke');
  });

  it('the own profile', async () => {
    await ada.open('/profile');
    await checkPage(ada, 'profile');
  });

  it('an invitation: open, with errors, expired, invalid, another person’s, one’s own', async () => {
    const who = await somebody();
    who.allow(410, 422);
    await who.open(links['zoe@home.example']);
    await checkPage(who, 'accept');
    await field(who.page, word('common.username')).fill('zoe@home');
    await button(who.page, word('accept.submit')).click();
    await see(who.page.getByText(word('common.required')));
    await checkPage(who, 'accept with problems');
    await who.open(links['otto@home.example']);
    await checkPage(who, 'accept, expired');
    await who.open(`${muster.origin}/accept/${'A'.repeat(43)}`);
    await checkPage(who, 'accept, over');
    await ada.open(links['zoe@home.example']);
    await checkPage(ada, 'accept, another’s session');
    await who.open(links['zoe@home.example']);
    await button(who.page, word('accept.decline')).click();
    await see(who.page.getByText(word('accept.declined_title')));
    await checkPage(who, 'accept, declined');
  });

  it('sign-in, failed sign-in, forgotten password, new password', async () => {
    const who = await somebody();
    const { page } = who;
    who.allow(401, 410);
    await who.open('/sign-in');
    await checkPage(who, 'sign-in');
    await field(page, word('session.identifier')).fill('nobody@home.example');
    await field(page, word('common.password')).fill('not the right password');
    await button(page, word('common.sign_in')).click();
    await see(page.getByText(word('common.sign_in_failed')));
    await checkPage(who, 'sign-in, failed');
    await who.open('/forgotten');
    await checkPage(who, 'forgotten');
    await field(page, word('session.identifier')).fill(founder.email);
    await button(page, word('session.forgotten_submit')).click();
    await see(page.getByText(word('session.forgotten_sent_title')));
    await checkPage(who, 'forgotten, sent');
    await who.open(linkIn(await muster.mail.to(founder.email), 'reset'));
    await checkPage(who, 'reset');
    for (const dead of ['reset', 'unlock', 'confirm']) {
      await who.open(`/${dead}/${'A'.repeat(43)}`);
      await checkPage(who, `${dead}, over`);
    }
  });

  it('a locked account', async () => {
    const who = await somebody();
    const { page } = who;
    who.allow(401, 429);
    for (let time = 0; time < 10; time += 1) {
      await who.open('/sign-in');
      await field(page, word('session.identifier')).fill('marty@home.example');
      await field(page, word('common.password')).fill('a guess that is wrong');
      await button(page, word('common.sign_in')).click();
      await see(page.locator('.banner'));
    }
    await who.open(linkIn(await muster.mail.to('marty@home.example', { seen: 1 }), 'unlock'));
    await checkPage(who, 'unlock');
    await openPerson(ada, 'Marty Reed');
    await checkPage(ada, 'person, locked');
  });

  it('a list with several pages', async () => {
    // By the server function that the page calls, fifty at a time.
    const roles = await ada.context.request.post('/rpc/role_choices', { data: { slug: founder.slug }, headers: { origin: muster.origin } });
    const role = (await roles.json()).find(({ usual }) => usual).id;
    const rows = Array.from({ length: 50 }, (_, index) => ({ email: `person${index}@many.example`, role }));
    const sent = await ada.context.request.post('/rpc/invite', { data: { slug: founder.slug, draft: { rows, note: '' } }, headers: { origin: muster.origin } });
    if (!sent.ok()) throw new Error(`inviting fifty: ${sent.status()} ${await sent.text()}`);
    await ada.open(`${home}/users`);
    await Promise.all([ada.page.waitForURL(/after=/), ada.page.getByRole('link', { name: word('users.next'), exact: true }).first().click()]);
    await see(ada.page.getByRole('link', { name: word('users.previous'), exact: true }));
    await checkPage(ada, 'users, second page');
  });

  it('in German', async () => {
    const who = await somebody({ locale: 'de-DE' });
    who.allow(404);
    await who.open('/sign-in');
    await see(who.page.getByRole('heading', { name: word('session.sign_in_title', {}, 'de'), exact: true }));
    await checkPage(who, 'sign-in, German');
  });

  it('people who are signed out load the small module, members the other one', async () => {
    const who = await somebody();
    const loaded = [];
    who.page.on('request', (request) => {
      const name = new URL(request.url()).pathname;
      if (name.endsWith('.wasm')) loaded.push(name);
    });
    await who.open('/sign-in');
    assert.deepEqual([...new Set(loaded.splice(0))], ['/pkg/guest.wasm']);
    await signIn(who, founder.email, founder.password);
    assert.equal(loaded.at(-1), '/pkg/muster.wasm');
  });

  it('pages that are not found', async () => {
    ada.allow(404);
    await ada.open('/nothing/here');
    await checkPage(ada, 'not found');
    await ada.open('/i/southwind-clinic');
    await checkPage(ada, 'institution not found');
  });

  it('no browser reported an unexpected error', async () => {
    for (const who of people) await who.close();
  });
});

describe('the built-in mailbox', () => {
  let muster;
  let ada;

  before(async () => {
    // No mail server: an empty variable counts as not set.
    const none = { MUSTER_SMTP_HOST: '', MUSTER_SMTP_PORT: '', MUSTER_SMTP_TLS: '', MUSTER_SMTP_FROM: '' };
    muster = await startMuster({ env: none });
    ada = await person(muster.origin);
  });

  after(async () => {
    await ada?.context.close();
    await muster?.stop();
  });

  it('shows that it is empty, then the email, whose link opens the invitation', async () => {
    const { page } = ada;
    await setUp(ada, muster);
    const closed = await ada.context.request.get('/dev/mailbox');
    if (closed.status() !== 404) throw new Error(`it answers ${closed.status()} before its link was opened`);
    await ada.open(muster.mailboxLink());
    await see(page.getByText(word('mailbox.empty_title')));
    await checkPage(ada, 'mailbox, empty');
    await invite(ada, ['marty@home.example']);
    await see(page.getByText(word('invitations.sent_singular', { email: 'marty@home.example' })));
    const end = Date.now() + 20_000;
    do await ada.open('/dev/mailbox');
    while ((await page.getByText('marty@home.example').count()) === 0 && Date.now() < end);
    await checkPage(ada, 'mailbox');
    await page.getByRole('link').filter({ hasText: 'marty@home.example' }).click();
    await page.waitForURL(/\/dev\/mailbox\/\d+$/);
    await see(page.getByText(word('mailbox.text_title')));
    await checkPage(ada, 'mailbox, a mail');
    const text = await page.getByRole('main').innerText();
    // The start page belongs to no module; the browser loads it from the server.
    await page.getByRole('link', { name: 'Muster', exact: true }).click();
    await page.waitForURL(`${muster.origin}/i/${founder.slug}`);
    await ada.alive();
    await page.goBack();
    await page.waitForURL(/\/dev\/mailbox\/\d+$/);
    const link = text.match(/http:\/\/\S+\/accept\/[\w-]+/)[0];
    const who = await person(muster.origin);
    await who.open(link);
    await see(who.page.getByRole('heading', { name: word('accept.join', { institution: founder.institution }), exact: true }));
    await who.close();
  });

  it('a page opened at another address says which one to open', async () => {
    const port = new URL(muster.origin).port;
    const who = await person(`http://lvh.localhost:${port}`);
    await who.open('/sign-in');
    await see(who.page.getByText(word('common.wrong_address_open')));
    await see(who.page.getByRole('link', { name: muster.origin, exact: true }));
    await who.close();
    const here = await person(muster.origin);
    await here.open('/sign-in');
    if (await here.page.getByText(word('common.wrong_address_open')).count()) throw new Error('it is the right address');
    await here.close();
  });

  it('is not shown to a request through a proxy', async () => {
    const answer = await ada.context.request.get('/dev/mailbox', { headers: { 'x-forwarded-for': '203.0.113.7' } });
    if (answer.status() !== 404) throw new Error(`it answers ${answer.status()}`);
    await ada.close();
  });
});

