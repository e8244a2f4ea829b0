// A user's page: edit, conflicting edits, resend to a corrected address, deactivate, remove. Runs twice: on hydrated pages,
// and with JavaScript off.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { button, field, founder, invite, openPerson, phone, row, see, seeHeading, seeState } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { link, openList } from './list.mjs';
import { linkIn } from './mail.mjs';
import { assertFits } from './people.mjs';
import { member, fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

const home = `/i/${founder.slug}`;
const aPage = /\/users\/[0-9a-f-]{36}(\?saved=1)?$/;
const people = [
  member('Bram', 'Weiß', { role: 'administrator' }),
  member('Cleo', 'Adler', { role: 'administrator' }),
  member('Dora', 'Lindqvist'),
  member('Elif', 'Demir'),
  member('Finn', 'Okafor'),
  member('Gala', 'Moreau', { role: 'administrator' }),
  member('Hugo', 'Novák', { state: 'locked' }),
];

after(closeBrowser);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'the user page, with JavaScript on' : 'the user page, with JavaScript off', () => {
    const at = fixture(people, { javaScriptEnabled });

    async function openEdit(who, name) {
      await openPerson(who, name);
      await Promise.all([who.page.waitForURL(/\/edit$/), link(who.page, 'users.edit').click()]);
      await seeHeading(who.page, word('users.edit_title', { name }));
    }

    const save = (page) => button(page, word('common.save')).click();
    const details = (email) => at.muster.query(`SELECT first_name, last_name, phone FROM muster.memberships WHERE email = '${email}'`);

    it('the details can be changed on a phone', async () => {
      const bram = await at.signedIn('bram@crowd.example', { viewport: phone });
      const { page } = bram;
      await openEdit(bram, 'Dora Lindqvist');
      await assertFits(page);
      await field(page, word('common.last_name')).fill('Lindqvist-Berg');
      await page.getByLabel(word('users.phone')).fill('+46 8 123 456 78');
      await Promise.all([page.waitForURL(aPage), save(page)]);
      await see(page.getByText(word('users.saved', { name: javaScriptEnabled ? 'Dora Lindqvist' : 'Dora Lindqvist-Berg' })));
      await seeHeading(page, 'Dora Lindqvist-Berg');
      await see(page.getByText('+46812345678'));
      await assertFits(page);
      assert.equal(await details('dora@crowd.example'), 'Dora|Lindqvist-Berg|+46812345678');
    });

    it('errors are shown at their fields, and nothing is changed', async () => {
      const { page } = at.ada;
      await openEdit(at.ada, 'Dora Lindqvist-Berg');
      await field(page, word('common.first_name')).fill('');
      await page.getByLabel(word('users.phone')).fill('none');
      at.ada.allow(422);
      await save(page);
      await see(page.getByText(word('common.required')));
      await see(page.getByText(word('common.phone_not_a_number')));
      await Promise.all([page.waitForURL(aPage), link(page, 'common.cancel').click()]);
      await seeHeading(page, 'Dora Lindqvist-Berg');
      assert.equal(await details('dora@crowd.example'), 'Dora|Lindqvist-Berg|+46812345678');
    });

    it('the second of two concurrent edits gets a conflict before it can overwrite', async () => {
      const bram = await at.signedIn('bram@crowd.example');
      const { page } = at.ada;
      await openEdit(at.ada, 'Elif Demir');
      await openEdit(bram, 'Elif Demir');
      await field(bram.page, word('common.first_name')).fill('Elifnur');
      await bram.page.getByLabel(word('users.phone')).fill('+90 212 123 45 67');
      await Promise.all([bram.page.waitForURL(aPage), save(bram.page)]);
      await field(page, word('common.last_name')).fill('Demirci');
      await save(page);
      await see(page.getByText(/^Bram Weiß /).and(page.getByText(word('users.conflict_title', { by: 'Bram Weiß' }))));
      await see(page.getByText(word('users.conflict_text')));
      assert.equal(await details('elif@crowd.example'), 'Elifnur|Demir|+902121234567', 'nothing is overwritten');
      for (const value of ['Elifnur', 'Demir', '+902121234567']) await see(page.getByText(word('users.now', { value }), { exact: true }));
      assert.equal(await field(page, word('common.last_name')).inputValue(), 'Demirci', 'what was typed is still there');
      if (javaScriptEnabled) {
        await button(page, word('users.take_it_label', { value: '+902121234567' })).click();
        await page.getByText(word('users.now', { value: '+902121234567' }), { exact: true }).waitFor({ state: 'detached' });
      } else await page.getByLabel(word('users.phone')).fill('+902121234567');
      await Promise.all([page.waitForURL(aPage), save(page)]);
      await seeHeading(page, 'Elif Demirci');
      assert.equal(await details('elif@crowd.example'), 'Elif|Demirci|+902121234567');
    });

    it('a resend to a corrected address invalidates the older link', async () => {
      const { page } = at.ada;
      await invite(at.ada, ['nroa@home.example']);
      await see(page.getByText(word('invitations.sent_singular', { email: 'nroa@home.example' })));
      const older = linkIn(await at.muster.mail.to('nroa@home.example'), 'accept');
      await openPerson(at.ada, 'nroa@home.example');
      await page.getByText(word('users.correct_address'), { exact: true }).click();
      await field(page, word('users.corrected_email')).fill('nora@home.example');
      await button(page, word('users.send_corrected')).click();
      await see(page.getByText(word('users.resent_to', { email: 'nora@home.example' })));
      await seeHeading(page, 'nora@home.example');
      const newer = linkIn(await at.muster.mail.to('nora@home.example'), 'accept');
      assert.equal(at.muster.mail.mails.filter(({ to }) => to.includes('nroa@home.example')).length, 1, 'nothing more goes to the wrong one');
      const who = await at.somebody({ viewport: phone });
      who.allow(410);
      await who.open(older);
      await seeHeading(who.page, word('accept.over_title'));
      await who.open(newer);
      await seeHeading(who.page, word('accept.join', { institution: founder.institution }));
      await see(who.page.getByText('nora@home.example'));
    });

    it('a deactivated member loses access immediately and can be reactivated', async () => {
      const { page } = at.ada;
      const finn = await at.signedIn('finn@crowd.example', { viewport: phone });
      finn.allow(404);
      await openPerson(at.ada, 'Finn Okafor');
      await button(page, word('users.deactivate')).click();
      await see(page.getByText(word('users.deactivated', { name: 'Finn Okafor' })));
      await see(page.getByText(word('common.state_deactivated'), { exact: true }));
      assert.equal((await finn.open(home)).status(), 404);
      await seeHeading(finn.page, word('home.not_found_title'));
      await button(page, word(javaScriptEnabled ? 'users.undo' : 'users.reactivate')).click();
      await see(page.getByText(word('users.reactivated', { name: 'Finn Okafor' })));
      await see(page.getByText(word('common.state_active'), { exact: true }));
      assert.equal((await finn.open(home)).status(), 200);
      await button(page, word('users.deactivate')).click();
      await see(page.getByText(word('common.state_deactivated'), { exact: true }));
      await seeState(at.ada, 'Finn Okafor', 'deactivated');
      await openPerson(at.ada, 'Finn Okafor');
      await button(page, word('users.reactivate')).click();
      await see(page.getByText(word('users.reactivated', { name: 'Finn Okafor' })));
      await seeState(at.ada, 'Finn Okafor', 'active');
    });

    if (javaScriptEnabled) {
      it('the list shows what was undone', async () => {
        const { page } = at.ada;
        await openPerson(at.ada, 'Finn Okafor');
        await button(page, word('users.deactivate')).click();
        await see(button(page, word('users.undo')));
        await page.getByRole('main').getByRole('link', { name: word('users.title'), exact: true }).click();
        const shown = (state) => row(page, 'Finn Okafor').getByText(word(state), { exact: true });
        await see(shown('common.state_deactivated'));
        await button(page, word('users.undo')).click();
        await see(shown('common.state_active'));
      });
    }

    it('removing asks for confirmation, and the person’s open page loses access', async () => {
      const { page } = at.ada;
      const gala = await at.signedIn('gala@crowd.example');
      gala.allow(404);
      await openList(gala, users);
      await openPerson(at.ada, 'Gala Moreau');
      await button(page, word('users.remove')).click();
      const question = page.getByRole('dialog');
      await see(question.getByRole('heading', { name: word('users.remove_title', { name: 'Gala Moreau' }), exact: true }));
      await see(question.getByText(word('users.remove_access', { name: 'Gala Moreau', institution: founder.institution })));
      await button(question, word('common.cancel')).click();
      await question.waitFor({ state: 'hidden' });
      await button(page, word('users.remove')).click();
      await button(question, word('users.remove_confirm')).click();
      await see(page.getByText(word(javaScriptEnabled ? 'users.removed' : 'users.removed_title', { name: 'Gala Moreau' })));
      await row(gala.page, 'Dora').getByRole('link').click();
      await seeHeading(gala.page, word('home.not_found_title'));
      for (const shut of [home, users, `${home}/invitations`]) {
        assert.equal((await gala.open(shut)).status(), 404, shut);
        await seeHeading(gala.page, word('home.not_found_title'));
      }
      await at.ada.open(users);
      await see(row(page, 'Dora'));
      assert.equal(await row(page, 'Gala Moreau').count(), 0);
    });

    it('an administrator can’t remove another one or the main contact, and sees who can', async () => {
      const bram = await at.signedIn('bram@crowd.example');
      const { page } = bram;
      for (const [name, why] of [
        ['Cleo Adler', 'only_the_main_contact'],
        [`${founder.first} ${founder.last}`, 'main_contact'],
      ]) {
        await openPerson(bram, name);
        for (const action of ['users.remove', 'users.deactivate']) {
          const stopped = page.getByRole('button', { name: new RegExp(`^${word(action)}`) });
          assert.equal(await stopped.getAttribute('aria-disabled'), 'true', `${action} of ${name}`);
          await see(stopped.getByText(word(`common.guard_${why}`)));
          await stopped.click({ force: true });
          assert.equal(await page.getByRole('dialog').count(), 0);
        }
      }
      await seeState(bram, 'Cleo Adler', 'active');
    });

    it('a locked account can be unlocked', async () => {
      const { page } = at.ada;
      await openPerson(at.ada, 'Hugo Novák');
      await button(page, word('users.unlock')).click();
      await see(page.getByText(word('users.unlocked', { name: 'Hugo Novák' })));
      await seeState(at.ada, 'Hugo Novák', 'active');
    });

    it('no browser reported an unexpected error', () => at.close());
  });
}
