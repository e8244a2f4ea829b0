// The list of users: search, filters, orders, pages, selection and bulk actions. Runs twice: on hydrated pages, and with
// JavaScript off.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { button, founder, phone, row, see, seeHeading } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { action, box, choose, filter, gone, link, names, narrow, openList, question, removeChosen, search, seeChosen } from './list.mjs';
import { linkIn } from './mail.mjs';
import { assertFits } from './people.mjs';
import { invitations, member, numbered, fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

const ada = `${founder.first} ${founder.last}`;
const people = [
  member('Bram', 'Weiß', { role: 'administrator', seen: 200 }),
  member('Cleo', 'Adler', { role: 'administrator', seen: 5000 }),
  member('Dora', 'Lindqvist', { seen: 90 }),
  member('Elif', 'Demir', { seen: 4000 }),
  member('Finn', 'Okafor'),
  member('Gala', 'Moreau', { seen: 3000 }),
  member('Hugo', 'Novák', { state: 'locked', seen: 80 }),
  member('Iris', 'Tanaka', { state: 'deactivated', seen: 9000 }),
  member('Jonas', 'Rossi', { state: 'invited', sent: 2000 }),
];
const all = people.length + 61;

after(closeBrowser);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'the list of users, with JavaScript on' : 'the list of users, with JavaScript off', () => {
    const links = [];
    const at = fixture([...people, ...numbered(60)], { javaScriptEnabled });

    it('a search matches word prefixes and is in the URL', async () => {
      const { page } = at.ada;
      await openList(at.ada, users);
      await narrow(at.ada, /\?q=lindq&?/, () => search(page).pressSequentially('lindq'));
      assert.deepEqual(await names(at.ada, 1), ['Dora Lindqvist']);
      await openList(at.ada, page.url());
      assert.equal(await search(page).inputValue(), 'lindq');
      assert.deepEqual(await names(at.ada, 1), ['Dora Lindqvist']);
      for (const [typed, name] of [['novak', 'Hugo Novák'], ['kestrel.finn', 'Finn Okafor'], ['ELIF@crowd', 'Elif Demir']]) {
        await narrow(at.ada, (url) => url.searchParams.get('q') === typed, () => search(page).fill(typed));
        await see(row(page, name));
        assert.deepEqual(await names(at.ada, 1), [name]);
      }
    });

    it('a search without results says so, and Clear shows everybody again', async () => {
      const { page } = at.ada;
      for (const clear of ['users.clear_filters', 'users.clear']) {
        await openList(at.ada, `${users}?q=lindqvist&state=locked`);
        await see(page.getByText(word('users.nothing_title')));
        await Promise.all([page.waitForURL((url) => url.search === ''), link(page, clear).click()]);
        await names(at.ada, all);
        assert.equal(await search(page).inputValue(), '');
      }
    });

    it('the state and the role filter the list, separately and together', async () => {
      const { page } = at.ada;
      await openList(at.ada, users);
      await narrow(at.ada, /state=locked/, () => filter(page, 'users.filter_state').selectOption({ label: word('users.state_locked') }));
      assert.deepEqual(await names(at.ada, 1), ['Hugo Novák']);
      await narrow(at.ada, /state=active/, () => filter(page, 'users.filter_state').selectOption({ label: word('users.state_active') }));
      await names(at.ada, 7);
      await narrow(at.ada, /role=[0-9a-f-]{36}/, () => filter(page, 'users.filter_role').selectOption({ label: word('roles.administrator') }));
      assert.deepEqual(await names(at.ada, 3), [ada, 'Bram Weiß', 'Cleo Adler']);
    });

    it('the browser’s Back button reverts a filter', async () => {
      const { page } = at.ada;
      await openList(at.ada, users);
      await narrow(at.ada, /state=deactivated/, () => filter(page, 'users.filter_state').selectOption({ label: word('users.state_deactivated') }));
      assert.deepEqual(await names(at.ada, 1), ['Iris Tanaka']);
      await page.goBack();
      await names(at.ada, all);
      assert.equal(await filter(page, 'users.filter_state').inputValue(), '');
    });

    it('the column headers and the menu sort the list', async () => {
      const { page } = at.ada;
      await openList(at.ada, users);
      assert.deepEqual((await names(at.ada, all)).slice(0, 3), [ada, 'Bram Weiß', 'Cleo Adler']);
      const head = (words) => page.getByRole('columnheader', { name: word(words), exact: true });
      await Promise.all([page.waitForURL(/sort=seen/), head('users.column_seen').getByRole('link').click()]);
      await see(page.locator('th[aria-sort=descending]', { hasText: word('users.column_seen') }));
      await see(page.locator('tbody tr').nth(1).filter({ hasText: 'Hugo Novák' }));
      assert.deepEqual((await names(at.ada, all)).slice(0, 4), [ada, 'Hugo Novák', 'Dora Lindqvist', 'Bram Weiß']);
      await narrow(at.ada, /sort=-name/, () => filter(page, 'users.sort').selectOption({ label: word('users.sort_name_down') }));
      await see(page.locator('tbody tr').first().filter({ hasText: 'Person Number060' }));
      assert.deepEqual((await names(at.ada, all)).slice(0, 2), ['Person Number060', 'Person Number059']);
    });

    it('the list has pages of 50, forward and backward, also with a filter', async () => {
      const { page } = at.ada;
      const seen = [];
      for (const state of ['', '?state=invited']) {
        const total = state ? 61 : all;
        await openList(at.ada, `${users}${state}`);
        const first = await names(at.ada, total);
        await see(page.getByText(word('users.range', { first: 1, last: 50, total })));
        await Promise.all([page.waitForURL(/after=/), link(page, 'users.next').click()]);
        await see(page.getByText(word('users.range', { first: 51, last: total, total })));
        const second = await names(at.ada, total);
        assert.equal(new Set([...first, ...second]).size, total, 'everybody once');
        assert.equal(await link(page, 'users.next').count(), 0);
        await Promise.all([page.waitForURL(/before=/), link(page, 'users.previous').click()]);
        await see(page.getByText(word('users.range', { first: 1, last: 50, total })));
        assert.deepEqual(await names(at.ada, total), first);
        seen.push(first);
      }
      assert.notDeepEqual(seen[0], seen[1]);
    });

    it('on a phone search, filters and paging work the same, and nothing is too wide', async () => {
      const who = await at.signedIn('bram@crowd.example', { viewport: phone });
      const { page } = who;
      await openList(who, users);
      await assertFits(page);
      await narrow(who, /q=gala/, () => search(page).fill('gala'));
      assert.deepEqual(await names(who, 1), ['Gala Moreau']);
      await see(row(page, 'Gala Moreau').getByText(word('common.state_active'), { exact: true }));
      await choose(who, 'Gala Moreau');
      await see(action(page, 'users.deactivate'));
      await assertFits(page);
      await openList(who, `${users}?state=invited`);
      await Promise.all([page.waitForURL(/after=/), link(page, 'users.next').click()]);
      await see(page.getByText(word('users.range', { first: 51, last: 61, total: 61 })));
      await assertFits(page);
    });

    if (javaScriptEnabled) {
      it('Shift-click and the keyboard select a range', async () => {
        const { page } = at.ada;
        await openList(at.ada, users);
        await choose(at.ada, 'Dora Lindqvist');
        await box(page, 'Gala Moreau').click({ modifiers: ['Shift'] });
        await seeChosen(page, 4);
        for (const name of ['Dora Lindqvist', 'Elif Demir', 'Finn Okafor', 'Gala Moreau']) assert.ok(await box(page, name).isChecked(), name);
        await page.keyboard.press('Escape');
        await seeChosen(page, 0);
        await box(page, 'Bram Weiß').focus();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Space');
        await seeChosen(page, 1);
        await page.keyboard.press('Shift+ArrowDown');
        await page.keyboard.press('Shift+ArrowDown');
        await seeChosen(page, 3);
        await page.keyboard.press('Shift+ArrowUp');
        await seeChosen(page, 2);
        for (const name of ['Cleo Adler', 'Dora Lindqvist']) assert.ok(await box(page, name).isChecked(), name);
        await page.keyboard.press('Control+a');
        await seeChosen(page, 50);
        await button(page, word('users.clear_choice')).click();
        await seeChosen(page, 0);
        await page.getByRole('checkbox', { name: word('users.choose_all') }).click();
        await seeChosen(page, 50);
      });
    }

    it('several members can be deactivated at once, and this can be undone', async () => {
      const { page } = at.ada;
      const state = (name, code) => see(row(page, name).getByText(word(`common.state_${code}`), { exact: true }));
      await openList(at.ada, users);
      await choose(at.ada, 'Elif Demir', 'Finn Okafor');
      await action(page, 'users.deactivate').click();
      await see(page.getByText(word('users.done_deactivate_plural', { count: 2 })));
      for (const name of ['Elif Demir', 'Finn Okafor']) await state(name, 'deactivated');
      if (javaScriptEnabled) await button(page, word('users.undo')).click();
      else {
        await choose(at.ada, 'Elif Demir', 'Finn Okafor');
        await action(page, 'users.reactivate').click();
      }
      await see(page.getByText(word('users.done_reactivate_plural', { count: 2 })));
      for (const name of ['Elif Demir', 'Finn Okafor']) await state(name, 'active');
    });

    it('members who can’t be removed stay with the reason, and the others are removed', async () => {
      const bram = await at.signedIn('bram@crowd.example');
      const { page } = bram;
      await openList(bram, users);
      await choose(bram, 'Cleo Adler', 'Elif Demir');
      await removeChosen(bram, ['Cleo Adler', 'Elif Demir']);
      await see(page.getByText(word('users.done_remove_singular', { name: 'Elif Demir' })));
      await see(page.getByText(word('users.left_singular')));
      const left = page.getByRole('listitem').filter({ hasText: 'Cleo Adler' });
      await see(left.filter({ hasText: word('common.guard_only_the_main_contact') }));
      await gone(page, 'Elif Demir');
      await see(row(page, 'Cleo Adler'));
    });

    it('several invitations can be resent, and those sent too recently are listed', async () => {
      const { page } = at.ada;
      await openList(at.ada, invitations);
      await see(page.getByRole('heading', { name: word('users.invitations_title'), exact: true }));
      assert.equal((await names(at.ada, 61, 'invitations'))[0], 'Jonas Rossi');
      await choose(at.ada, 'Person Number001', 'Person Number002');
      await action(page, 'users.resend').click();
      await see(page.getByText(word('users.done_resend_plural', { count: 2 })));
      for (const number of ['001', '002']) links.push(linkIn(await at.muster.mail.to(`person${number}@crowd.example`), 'accept'));
      await openList(at.ada, invitations);
      await choose(at.ada, 'Person Number001', 'Person Number003');
      await action(page, 'users.resend').click();
      await see(page.getByText(word('users.done_resend_singular', { name: 'Person Number003' })));
      await see(page.getByText(word('users.left_singular')));
      const tooSoon = new RegExp(`^Person Number001 – ${word('common.too_soon').source.slice(1)}`);
      await see(page.getByRole('listitem').filter({ hasText: tooSoon }));
      const who = await at.somebody({ viewport: phone });
      await who.open(links[0]);
      await seeHeading(who.page, word('accept.join', { institution: founder.institution }));
    });

    it('several invitations are revoked after confirmation, and their links are invalid', async () => {
      const { page } = at.ada;
      await openList(at.ada, `${invitations}?q=number00`);
      await choose(at.ada, 'Person Number001', 'Person Number002');
      await removeChosen(at.ada, ['Person Number001', 'Person Number002'], ['users.revoke', 'users.revoke_question_plural', 'users.revoke_bulk_confirm']);
      await see(page.getByText(word('users.done_revoke_plural', { count: 2 })));
      for (const name of ['Person Number001', 'Person Number002']) await gone(page, name);
      const who = await at.somebody({ viewport: phone });
      who.allow(410);
      for (const dead of links) {
        await who.open(dead);
        await seeHeading(who.page, word('accept.over_title'));
      }
    });

    it('several members are removed after a confirmation that names them', async () => {
      const { page } = at.ada;
      await openList(at.ada, users);
      await choose(at.ada, 'Finn Okafor', 'Gala Moreau', 'Jonas Rossi');
      await action(page, 'users.remove').click();
      await see(question(at.ada).getByText(word('users.remove_bulk_text')));
      const cancel = word('common.cancel');
      if (javaScriptEnabled) {
        await button(question(at.ada), cancel).click();
        await question(at.ada).waitFor({ state: 'hidden' });
        await seeChosen(page, 3);
      } else {
        await question(at.ada).getByRole('link', { name: cancel, exact: true }).click();
        await question(at.ada).waitFor({ state: 'detached' });
        await choose(at.ada, 'Finn Okafor', 'Gala Moreau', 'Jonas Rossi');
      }
      await see(row(page, 'Gala Moreau'));
      await removeChosen(at.ada, ['Finn Okafor', 'Gala Moreau', 'Jonas Rossi']);
      await see(page.getByText(word('users.done_remove_plural', { count: 3 })));
      for (const name of ['Finn Okafor', 'Gala Moreau', 'Jonas Rossi']) await gone(page, name);
      assert.equal(await at.muster.query("SELECT string_agg(status, ' ' ORDER BY email) FROM muster.memberships WHERE email ~ '^(finn|gala|jonas)@'"), 'removed removed revoked');
    });

    it('no browser reported an unexpected error', () => at.close());
  });
}
