// Actions on invitations and accounts that story.test.mjs does not cover: create, revoke, copy a link, reset a password, be
// locked out. Each runs twice: on hydrated pages, and with JavaScript off.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { acceptAsNew, button, field, founder, invite, kept, openPerson, phone, pressAndArrive, row, see, seeHeading, seeState, signIn } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { linkIn } from './mail.mjs';
import { member, fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

after(closeBrowser);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'accounts, with JavaScript on' : 'accounts, with JavaScript off', () => {
    const marty = { ...member('Marty', 'Reed'), password: founder.password };
    const zoe = { ...member('Zoe', 'Marsh'), password: founder.password };
    const at = fixture([marty, zoe], { javaScriptEnabled });
    const links = {};

    it('Create > User invites one person with all details, and Cancel saves nothing', async () => {
      const { page } = at.ada;
      const ines = { email: 'ines@home.example', first: 'Inês', last: 'Faro' };
      const fill = async () => {
        await at.ada.open(`/i/${founder.slug}/users/new`);
        await field(page, word('common.first_name')).fill(ines.first);
        await field(page, word('common.last_name')).fill(ines.last);
        await field(page, word('common.email')).fill(ines.email);
        await page.getByLabel(word('users.phone')).fill('+49 (30) 123-4567');
      };
      await fill();
      await Promise.all([page.waitForURL(`**${users}`), page.getByRole('link', { name: word('common.cancel'), exact: true }).click()]);
      assert.equal(await at.muster.query(`SELECT count(*) FROM muster.memberships WHERE email = '${ines.email}'`), '0');
      await fill();
      await pressAndArrive(at.ada, word('users.create'), /\/users(\/[0-9a-f-]{36})?$/);
      await seeState(at.ada, ines.email, 'pending');
      links[ines.email] = linkIn(await at.muster.mail.to(ines.email), 'accept');
      assert.equal(await at.muster.query(`SELECT phone FROM muster.memberships WHERE email = '${ines.email}'`), '+49301234567');
    });

    it('revoking asks for confirmation and invalidates the link', async () => {
      const { page } = at.ada;
      await openPerson(at.ada, 'ines@home.example');
      await button(page, word('users.revoke')).click();
      await seeHeading(page, word('users.revoke_title', { name: 'Inês Faro' }));
      await button(page, word('users.revoke_confirm')).click();
      await see(page.getByText(word(javaScriptEnabled ? 'users.revoked' : 'users.revoked_title')));
      await at.ada.open(users);
      assert.equal(await row(page, 'ines@home.example').count(), 0);
      const who = await at.somebody();
      who.allow(410);
      await who.open(links['ines@home.example']);
      await seeHeading(who.page, word('accept.over_title'));
    });

    it('each of two tabs with different links acts on its own invitation', async () => {
      const [first, second] = ['una@home.example', 'dora@home.example'];
      await invite(at.ada, [first, second]);
      const who = await at.somebody();
      await who.open(linkIn(await at.muster.mail.to(first), 'accept'));
      const newer = await who.page.context().newPage();
      await newer.goto(linkIn(await at.muster.mail.to(second), 'accept'));
      await see(newer.getByText(second));
      await button(who.page, word('accept.decline')).click();
      await seeHeading(who.page, word('accept.declined_title'));
      await newer.reload();
      await see(newer.getByText(second));
      await newer.close();
      const open = "SELECT email FROM muster.memberships WHERE status = 'invited' AND email IN ('una@home.example', 'dora@home.example')";
      assert.equal(await at.muster.query(open), second);
    });

    it('signing out on an invitation page returns to it, and Back after joining says so', async () => {
      await invite(at.ada, ['emil@home.example']);
      const who = await at.somebody();
      const { page } = who;
      await signIn(who, marty.email, marty.password);
      await who.open(linkIn(await at.muster.mail.to('emil@home.example'), 'accept'));
      await see(page.getByText(word('accept.another_title')));
      await Promise.all([page.waitForURL('**/accept?link=*'), button(page, word('accept.another_action')).click()]);
      await seeHeading(page, word('accept.join', { institution: founder.institution }));
      await who.alive();
      await acceptAsNew(who, { first: 'Emil', last: 'Sand', password: 'twelve green lanterns' });
      who.allow(410);
      await page.goBack();
      await seeHeading(page, word('accept.joined_title', { institution: founder.institution }));
      await see(page.getByRole('link', { name: word('accept.joined_action', { institution: founder.institution }) }));
    });

    it('a copied link is shown once and lets its holder join with an unconfirmed address', async () => {
      const { page } = at.ada;
      await invite(at.ada, ['lena@home.example']);
      await see(page.getByText(word('invitations.sent_singular', { email: 'lena@home.example' })));
      await openPerson(at.ada, 'lena@home.example');
      await button(page, word('users.copy_link')).click();
      const link = await field(page, word('users.copied_label')).inputValue();
      assert.ok(link.startsWith(`${at.muster.origin}/accept/`));
      const lena = await at.somebody({ viewport: phone });
      await lena.open(link);
      await acceptAsNew(lena, { first: 'Lena', last: 'Ortiz', password: 'twelve green lanterns' });
      await at.ada.open(users);
      await see(row(page, 'lena@home.example').getByText(word('users.email_unconfirmed', { email: 'lena@home.example' })));
    });

    it('a forgotten password can be reset once by a mailed link, which ends other sessions', async () => {
      const elsewhere = await at.somebody();
      await signIn(elsewhere, marty.email, marty.password);
      const who = await at.somebody({ viewport: phone });
      const { page } = who;
      const ask = async (identifier) => {
        await who.open('/forgotten');
        await field(page, word('session.identifier')).fill(identifier);
        await button(page, word('session.forgotten_submit')).click();
        await seeHeading(page, word('session.forgotten_sent_title'));
        return page.getByRole('main').innerText();
      };
      const seen = at.muster.mail.mails.filter((mail) => mail.to.includes(marty.email)).length;
      assert.equal(await ask('nobody@home.example'), await ask(marty.email), 'the same words for known and unknown');
      const mail = await at.muster.mail.to(marty.email, { seen });
      assert.equal(mail.subject, word('mail.password_reset.subject'));
      const link = linkIn(mail, 'reset');
      await who.open(link);
      assert.equal(new URL(page.url()).pathname, '/reset');
      marty.password = 'a slower train to the sea';
      await field(page, word('session.new_password')).fill(marty.password);
      await button(page, word('session.reset_submit')).click();
      await page.waitForURL((url) => url.pathname !== '/reset');
      await at.muster.mail.to(marty.email, { seen: seen + 1 });
      await elsewhere.open('/profile');
      assert.equal(new URL(elsewhere.page.url()).pathname, '/sign-in', 'the other session has ended');
      who.allow(410);
      await who.open(link);
      await seeHeading(page, word('session.reset_over_title'));
      const again = await at.somebody();
      await signIn(again, marty.email, marty.password);
    });

    it('ten wrong passwords lock the account, and a mailed link unlocks it', async () => {
      const who = await at.somebody();
      const { page } = who;
      who.allow(401, 429);
      const seen = at.muster.mail.mails.filter((mail) => mail.to.includes(zoe.email)).length;
      for (let time = 0; time < 10; time += 1) {
        await who.open('/sign-in');
        await field(page, word('session.identifier')).fill(zoe.email);
        await field(page, word('common.password')).fill('a guess that is wrong');
        await button(page, word('common.sign_in')).click();
        await see(page.locator('.banner'));
      }
      await seeState(at.ada, zoe.email, 'locked');
      const link = linkIn(await at.muster.mail.to(zoe.email, { seen }), 'unlock');
      await who.open(link);
      await pressAndArrive(who, word('session.unlock_submit'), (url) => url.pathname !== '/unlock');
      await seeState(at.ada, zoe.email, 'active');
      await signIn(who, zoe.email, zoe.password);
    });

    it('on a phone the menu is behind the button at the top left', async () => {
      const who = await at.somebody({ viewport: phone });
      await signIn(who, founder.email, founder.password);
      const { page } = who;
      const lines = button(page, word('home.menu'));
      const box = await lines.boundingBox();
      assert.ok(box.x < 60 && box.y < 60, `at the top left, not at ${box.x}, ${box.y}`);
      const link = page.getByRole('link', { name: word('home.users'), exact: true });
      assert.equal(await link.isVisible(), false);
      await lines.click();
      await Promise.all([page.waitForURL(`**${users}`), link.click()]);
      await seeHeading(page, word('users.title'));
    });

    it('a page of another institution is not found', async () => {
      at.ada.allow(404);
      const answer = await at.ada.open('/i/southwind-clinic/users');
      assert.equal(answer.status(), 404);
      await seeHeading(at.ada.page, word('home.not_found_title'));
    });

    if (javaScriptEnabled) {
      it('while the username is typed, each satisfied rule gets a tick', async () => {
        await invite(at.ada, ['nora@home.example']);
        const who = await at.somebody({ viewport: phone });
        const { page } = who;
        await who.open(linkIn(await at.muster.mail.to('nora@home.example'), 'accept'));
        await field(page, word('common.first_name')).fill('Nora');
        const username = field(page, word('common.username'));
        await username.fill('nora');
        await see(page.getByText(word('setup.rule_name_found', { found: 'nora' })));
        await username.fill(marty.username.toUpperCase());
        await see(page.getByText(word('setup.rule_taken')));
        await username.fill('kestrel@home.example');
        await see(page.getByText(word('setup.rule_no_email')));
        await username.fill('kestrel.8842');
        await see(kept(page, word('setup.rule_length', { minimum: 6, maximum: 64 })));
        for (const rule of ['rule_characters', 'rule_periods', 'rule_name', 'rule_term', 'rule_ending', 'rule_free']) {
          await see(kept(page, word(`setup.${rule}`)));
        }
      });

      it('several pasted addresses become rows', async () => {
        const { page } = at.ada;
        await at.ada.open(`/i/${founder.slug}/invite`);
        await field(page, word('invitations.email_of', { n: 1 })).focus();
        await page.evaluate(() => {
          const data = new DataTransfer();
          data.setData('text/plain', 'Ann <ann@home.example>, bob@home.example\ncid@home.example');
          document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        });
        await see(field(page, word('invitations.email_of', { n: 3 })));
        const typed = [];
        for (const n of [1, 2, 3]) typed.push(await field(page, word('invitations.email_of', { n })).inputValue());
        assert.deepEqual(typed, ['ann@home.example', 'bob@home.example', 'cid@home.example']);
      });
    }

    it('every change has an audit entry', async () => {
      const actions = (await at.muster.query('SELECT DISTINCT action FROM muster.audit ORDER BY 1')).split('\n');
      const changes = ['accepted', 'declined', 'link_copied', 'revoked', 'sent'].map((change) => `invitation.${change}`);
      assert.deepEqual(actions, ['institution.created', ...changes]);
    });

    it('no link token is in the log', () => {
      const log = at.muster.log();
      for (const link of Object.values(links)) assert.ok(!log.includes(link.split('/').at(-1)), `the log names ${link}`);
    });

    it('no browser reported an unexpected error', () => at.close());
  });
}
