// The main flow: set up, invite, send, accept on a phone, see the result; expire, resend, accept. Runs twice: on hydrated
// pages, and with JavaScript off. Each run has its own server, database and mail server. Other actions on invitations and
// accounts are in `accounts.test.mjs`.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  acceptAsNew,
  button,
  field,
  founder,
  invite,
  openPerson,
  phone,
  row,
  see,
  seeHeading,
  seeState,
  setUp,
  signIn,
  signOut,
} from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { linkIn } from './mail.mjs';
import { person } from './people.mjs';
import { startMuster } from './server.mjs';
import { word } from './translations.mjs';

const marty = { email: 'marty@home.example', first: 'Marty', last: 'Reed', password: 'the kettle sings at nine' };
const zoe = { email: 'zoe@home.example', first: 'Zoë', last: 'Marsh', password: 'orange boats in the fog' };
const otto = 'otto@home.example';
const users = `/i/${founder.slug}/users`;

after(closeBrowser);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'the main flow, with JavaScript on' : 'the main flow, with JavaScript off', () => {
    let muster;
    let ada;
    let adasUsername;
    const people = [];
    const links = {};

    async function somebody(options = {}) {
      const who = await person(muster.origin, { javaScriptEnabled, ...options });
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

    it('the setup link creates the institution and opens an empty list with instructions', async () => {
      ({ username: adasUsername } = await setUp(ada, muster));
      assert.equal(new URL(ada.page.url()).pathname, users);
      await seeHeading(ada.page, word('users.title'));
      await see(ada.page.getByText(word('users.empty_title')));
      await see(row(ada.page, founder.email).getByText(word('common.state_active'), { exact: true }));
    });

    it('the setup link works only once', async () => {
      const late = await somebody();
      late.allow(410);
      await late.open(muster.setupLink);
      await seeHeading(late.page, word('setup.over_title'));
    });

    it('signing out ends the session, and pages require signing in again', async () => {
      await signOut(ada);
      await ada.open(users);
      assert.equal(new URL(ada.page.url()).pathname, '/sign-in');
    });

    it('a wrong password and an unknown name get the same error, and the entries stay', async () => {
      const { page } = ada;
      ada.allow(401);
      for (const identifier of [founder.email, 'nobody@home.example']) {
        await ada.open('/sign-in');
        await field(page, word('session.identifier')).fill(identifier);
        await field(page, word('common.password')).fill('not the right password');
        await button(page, word('common.sign_in')).click();
        await see(page.getByText(word('common.sign_in_failed')));
        assert.equal(await field(page, word('session.identifier')).inputValue(), identifier);
      }
    });

    it('usernames are case-sensitive at sign-in, and email addresses are not', async () => {
      const { page } = ada;
      await ada.open('/sign-in');
      const swapped = adasUsername === adasUsername.toLowerCase() ? adasUsername.toUpperCase() : adasUsername.toLowerCase();
      await field(page, word('session.identifier')).fill(swapped);
      await field(page, word('common.password')).fill(founder.password);
      await button(page, word('common.sign_in')).click();
      await see(page.getByText(word('common.sign_in_failed')));
      await signIn(ada, adasUsername, founder.password);
      await signOut(ada);
      await signIn(ada, founder.email.toUpperCase(), founder.password);
      assert.equal(new URL(ada.page.url()).pathname, `/i/${founder.slug}`, 'it leads to Home');
    });

    it('three people are invited at once, and the page confirms what was sent', async () => {
      await invite(ada, [marty.email, ` ${zoe.email.toUpperCase()} `, otto], { note: 'See you on Monday.' });
      await see(ada.page.getByText(word('invitations.sent_plural', { count: 3 })));
      for (const email of [marty.email, zoe.email, otto]) await seeState(ada, email, 'pending');
    });

    it('an invalid row stays with its reason and does not hold up the others', async () => {
      await invite(ada, ['not an address', otto, founder.email]);
      await see(ada.page.getByText(word('common.email_not_an_address')));
      await see(ada.page.getByText(word('invitations.already_invited')));
      await see(ada.page.getByText(word('invitations.already_member')));
      assert.equal(await field(ada.page, word('invitations.email_of', { n: 1 })).inputValue(), 'not an address');
    });

    it('each of them gets one email of their own with one link', async () => {
      for (const email of [marty.email, zoe.email, otto]) {
        const mail = await muster.mail.to(email);
        const inviter = `${founder.first} ${founder.last}`;
        assert.equal(mail.subject, word('mail.invitation.subject', { inviter, institution: founder.institution }));
        for (const said of [inviter, founder.institution, word('roles.basic'), 'See you on Monday.']) {
          assert.ok(mail.text.includes(said), `the text says ${said}:\n${mail.text}`);
          assert.ok(mail.copied.includes(said), `the HTML says ${said}`);
        }
        assert.ok(mail.text.includes('Europe/Zurich') || /CES?T|GMT|UTC/.test(mail.text), `the time zone is named:\n${mail.text}`);
        links[email] = linkIn(mail, 'accept');
        assert.ok(links[email].startsWith(`${muster.origin}/accept/`));
      }
      assert.equal(new Set(Object.values(links)).size, 3);
      assert.equal(muster.mail.mails.length, 3);
    });

    it('mail scanners that open the link, or even post to it, do not use it up', async () => {
      for (let time = 0; time < 20; time += 1) {
        await fetch(links[marty.email], { method: 'HEAD' });
        await fetch(links[marty.email]);
        await fetch(links[marty.email], { method: 'POST', headers: { origin: muster.origin } });
      }
      assert.equal(await muster.query("SELECT count(*) FROM muster.invitations WHERE used_at IS NOT NULL OR viewed_at IS NOT NULL"), '0');
    });

    it('on a phone the invited person sees the inviter and the institution, and joins', async () => {
      const who = await somebody({ viewport: phone });
      const { page } = who;
      await who.open(links[marty.email]);
      assert.equal(new URL(page.url()).pathname, '/accept', 'the token has left the address');
      await seeHeading(page, word('accept.join', { institution: founder.institution }));
      await see(page.getByText(word('accept.invited_by', { inviter: `${founder.first} ${founder.last}` })));
      await see(page.getByText(marty.email));
      await see(page.getByText('See you on Monday.'));
      Object.assign(marty, await acceptAsNew(who, marty));
      await see(page.getByText(word('home.joined', { institution: founder.institution })));
      await who.open(`/i/${founder.slug}`);
      assert.equal(await page.getByText(word('home.joined', { institution: founder.institution })).count(), 0, 'it is said once');
      who.allow(403);
      await who.open(users);
      await seeHeading(page, word('home.forbidden_title'));
      assert.equal(await page.getByRole('link', { name: word('home.users'), exact: true }).count(), 0, 'no Manage for who may not');
    });

    it('the administrator sees the new member as ACTIVE', async () => {
      await seeState(ada, marty.email, 'active');
      await see(row(ada.page, marty.email).getByText(`${marty.first} ${marty.last}`));
    });

    it('a used link is invalid and reveals no more than an unknown one', async () => {
      const who = await somebody();
      who.allow(410);
      const seen = [];
      for (const link of [links[marty.email], `${muster.origin}/accept/${'A'.repeat(43)}`, `${muster.origin}/accept/null`]) {
        await who.open(link);
        await seeHeading(who.page, word('accept.over_title'));
        seen.push(await who.page.getByRole('main').innerText());
      }
      assert.equal(new Set(seen).size, 1);
    });

    it('both see that an invitation has expired, and the person can request a new one', async () => {
      await muster.query(
        `UPDATE muster.invitations i SET expires_at = clock_timestamp() - interval '3 hours'
         FROM muster.memberships m WHERE m.institution_id = i.institution_id AND m.id = i.membership_id AND m.email = '${zoe.email}'`,
      );
      await seeState(ada, zoe.email, 'invite_expired');
      await see(row(ada.page, zoe.email).getByText(word('common.ago_hours', { n: 3 })));
      const who = await somebody({ viewport: phone });
      await who.open(links[zoe.email]);
      await seeHeading(who.page, word('accept.expired_title'));
      await button(who.page, word('accept.ask_again')).click();
      await see(who.page.getByText(word('accept.asked_title')));
      await ada.open(users);
      await see(row(ada.page, zoe.email).getByText(word('users.asked_again')));
    });

    it('a resend renews the invitation once in five minutes and invalidates the older link', async () => {
      const seen = muster.mail.mails.filter((mail) => mail.to.includes(zoe.email)).length;
      await openPerson(ada, zoe.email);
      await button(ada.page, word('users.resend')).click();
      await see(ada.page.getByText(word('users.resent')));
      links.older = links[zoe.email];
      links[zoe.email] = linkIn(await muster.mail.to(zoe.email, { seen }), 'accept');
      assert.notEqual(links[zoe.email], links.older);
      await openPerson(ada, zoe.email);
      await button(ada.page, word('users.resend')).click();
      await see(ada.page.getByText(word('users.too_soon')));
      await seeState(ada, zoe.email, 'pending');
      const who = await somebody();
      who.allow(410);
      await who.open(links.older);
      await seeHeading(who.page, word('accept.over_title'));
    });

    it('the person joins with the new link', async () => {
      const who = await somebody({ viewport: phone });
      await who.open(links[zoe.email]);
      await acceptAsNew(who, zoe);
      await see(who.page.getByText(word('home.joined', { institution: founder.institution })));
      await seeState(ada, zoe.email, 'active');
    });

    it('in another person’s session both addresses are shown and nothing is accepted', async () => {
      const who = await somebody();
      await signIn(who, marty.username, marty.password);
      await who.open(links[otto]);
      await see(who.page.getByText(word('accept.another_title')));
      await see(who.page.getByText(marty.email));
      await see(who.page.getByText(otto));
      assert.equal(await button(who.page, word('accept.submit')).count(), 0);
      await seeState(ada, otto, 'pending');
    });

    it('declining adds no member and invalidates the link', async () => {
      const who = await somebody({ viewport: phone });
      who.allow(410);
      await who.open(links[otto]);
      await button(who.page, word('accept.decline')).click();
      await seeHeading(who.page, word('accept.declined_title'));
      await who.open(links[otto]);
      await seeHeading(who.page, word('accept.over_title'));
      await ada.open(users);
      assert.equal(await row(ada.page, otto).count(), 0);
    });

    it('every change has an audit entry', async () => {
      const actions = (await muster.query('SELECT DISTINCT action FROM muster.audit ORDER BY 1')).split('\n');
const changes = ['accepted', 'asked_again', 'declined', 'resent', 'sent'].map((change) => `invitation.${change}`);
      assert.deepEqual(actions, ['institution.created', ...changes]);
    });

    it('no link token is in the log', async () => {
      const log = muster.log();
      for (const link of Object.values(links)) {
        const token = link.split('/').at(-1);
        assert.ok(!log.includes(token), `the log names ${link}`);
      }
    });

    it('no browser reported an unexpected error', async () => {
      for (const who of people) await who.close();
    });
  });
}
