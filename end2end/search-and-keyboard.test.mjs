// The search of the top bar, the cards on Home, and use by keyboard only. Each runs twice: on hydrated pages, and with
// JavaScript off, where the search is a form and keyboard handling is the browser's.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { button, founder, phone, row, see, seeHeading } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { gone, names, narrow, openList, question, search, seeChosen, seeList } from './list.mjs';
import { assertFits } from './people.mjs';
import { member, fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

const home = `/i/${founder.slug}`;
const ran = 60 * 30;
const people = [
  member('Bram', 'Weiß', { role: 'administrator' }),
  member('Dora', 'Lindqvist'),
  member('Doreen', 'Lindgren'),
  member('Elif', 'Demir'),
  member('Finn', 'Okafor'),
  member('Gala', 'Moreau'),
  ...['Hugo', 'Ines', 'Jan', 'Kim'].map((first) => member(first, 'Novák', { state: 'locked' })),
  ...['Lea', 'Mia', 'Noa', 'Ole', 'Pia'].map((first) => member(first, 'Tanaka', { state: 'invited', sent: ran })),
  member('Rosa', 'Keller', { state: 'invited', asked: true, sent: ran }),
  member('Sven', 'Holm', { state: 'invited', mail: 'refused' }),
];

after(closeBrowser);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'search and Home, with JavaScript on' : 'search and Home, with JavaScript off', () => {
    const at = fixture(people, { javaScriptEnabled });
    const card = (page, title) => page.locator('section.card').filter({ has: page.getByRole('heading', { name: word(title), exact: true, level: 3 }) });

    it('Home shows who needs attention and links to the list', async () => {
      const { page } = at.ada;
      for (const [title, count, to, room] of [
        ['home.locked_title', 4, /\/users\?state=locked$/, ''],
        ['home.expired_title', 6, /\/invitations\?state=expired$/, 'invitations'],
      ]) {
        await at.ada.open(home);
        await see(card(page, title).getByText(String(count), { exact: true }));
        await Promise.all([page.waitForURL(to), card(page, title).getByRole('link', { name: word('home.see_all', { count }), exact: true }).click()]);
        await seeList(at.ada);
        assert.equal((await names(at.ada, count, room)).length, count);
      }
    });

    it('Home links to the person who is waiting, on a phone too', async () => {
      const who = await at.signedIn('bram@crowd.example', { viewport: phone });
      const { page } = who;
      for (const [title, name] of [['home.asked_title', 'Rosa Keller'], ['home.refused_title', 'Sven Holm']]) {
        await who.open(home);
        await assertFits(page);
        await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), card(page, title).getByRole('link', { name }).click()]);
        await seeHeading(page, name);
      }
      await see(page.getByText(word('users.mail_refused_text', { email: 'sven@crowd.example' })));
      await see(page.getByLabel(word('users.corrected_email')));
    });

    it('the counts reflect every change', async () => {
      const { page } = at.ada;
      await at.ada.open(home);
      await card(page, 'home.locked_title').getByRole('link', { name: 'Hugo Novák' }).click();
      await seeHeading(page, 'Hugo Novák');
      await button(page, word('users.unlock')).click();
      await see(page.getByText(word('users.unlocked', { name: 'Hugo Novák' })));
      await at.ada.open(home);
      await see(card(page, 'home.locked_title').getByText('3', { exact: true }));
    });

    if (javaScriptEnabled) {
      const palette = (page) => page.getByRole('dialog', { name: word('home.search'), exact: true });
      const option = (page, name) => palette(page).getByRole('option', { name });
      const lit = (page, name) => see(palette(page).getByRole('option', { name, selected: true }));

      it('/ and Ctrl+K open the search, and the arrow keys and Enter open the person', async () => {
        const { page } = at.ada;
        for (const [from, keys] of [[home, '/'], [users, 'Control+k']]) {
          await at.ada.open(from);
          await page.keyboard.press(keys);
          await see(palette(page));
          await page.keyboard.type('dor');
          await see(option(page, 'Doreen Lindgren'));
          await lit(page, 'Dora Lindqvist');
          await page.keyboard.press('ArrowDown');
          await lit(page, 'Doreen Lindgren');
          await page.keyboard.press('ArrowUp');
          await page.keyboard.press('ArrowDown');
          await lit(page, 'Doreen Lindgren');
          await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), page.keyboard.press('Enter')]);
          await seeHeading(page, 'Doreen Lindgren');
          await palette(page).waitFor({ state: 'hidden' });
        }
      });

      it('in a field Ctrl+K opens the search and / is typed; Escape closes the search', async () => {
        const { page } = at.ada;
        await openList(at.ada, users);
        await search(page).focus();
        await page.keyboard.press('/');
        assert.equal(await search(page).inputValue(), '/');
        await page.keyboard.press('Backspace');
        await page.keyboard.press('Control+k');
        await see(palette(page));
        await page.keyboard.press('Escape');
        await palette(page).waitFor({ state: 'hidden' });
        assert.equal(new URL(page.url()).pathname, users);
      });

      it('the search traps and restores the focus, and a click outside only closes it', async () => {
        const { page } = at.ada;
        const focused = async (what) => assert.ok(await what.and(page.locator(':focus')).count(), `the focus is on ${what}`);
        await openList(at.ada, users);
        const find = button(page, word('home.search_hint'));
        await find.click();
        const [box, slash] = [palette(page).getByRole('combobox'), palette(page).getByLabel(word('home.search_keys_slash'))];
        await focused(box);
        for (const key of ['Tab', 'Tab']) await page.keyboard.press(key);
        await focused(slash);
        await page.keyboard.press('Tab');
        await focused(box);
        await page.keyboard.press('Shift+Tab');
        await focused(slash);
        await page.keyboard.press('Escape');
        await palette(page).waitFor({ state: 'hidden' });
        await focused(find);
        await page.keyboard.press('Control+k');
        await page.keyboard.type('dor');
        await see(option(page, 'Dora Lindqvist'));
        // A row's link is behind it.
        const link = await row(page, 'Gala Moreau').getByRole('link').boundingBox();
        await page.mouse.click(link.x + 2, link.y + link.height / 2);
        await palette(page).waitFor({ state: 'hidden' });
        await focused(find);
        assert.equal(new URL(page.url()).pathname, users);
        // It is empty again.
        await page.keyboard.press('Control+k');
        await see(option(page, word('home.invitations')));
        assert.equal(await box.inputValue(), '');
        // Leaving it by other means closes it.
        await search(page).focus();
        await palette(page).waitFor({ state: 'hidden' });
        await focused(search(page));
      });

      it('Enter opens the result for the latest input, however fast it is pressed', async () => {
        const { page } = at.ada;
        await at.ada.open(home);
        await page.keyboard.press('Control+k');
        await see(palette(page));
        // Both in one task of the page: no frame is painted between them.
        await page.evaluate((text) => {
          const box = document.activeElement;
          box.value = text;
          box.dispatchEvent(new InputEvent('input', { bubbles: true }));
          box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        }, word('home.invitations'));
        await page.waitForURL(/\/invitations$/);
        await palette(page).waitFor({ state: 'hidden' });
      });

      it('the / shortcut can be switched off for voice input, and the browser remembers it', async () => {
        const who = await at.signedIn('bram@crowd.example');
        const { page } = who;
        await who.open(home);
        await page.keyboard.press('Control+k');
        await palette(page).getByLabel(word('home.search_keys_slash')).uncheck();
        await page.keyboard.press('Escape');
        await palette(page).waitFor({ state: 'hidden' });
        await who.open(users);
        await page.keyboard.press('/');
        await page.keyboard.press('Control+k');
        await see(palette(page));
        assert.equal(await palette(page).getByRole('combobox').inputValue(), '');
        await palette(page).getByLabel(word('home.search_keys_slash')).check();
        await page.keyboard.press('Escape');
        await palette(page).waitFor({ state: 'hidden' });
        await page.keyboard.press('/');
        await see(palette(page));
      });

      it('the search finds pages, reports no results, and continues in the list', async () => {
        const { page } = at.ada;
        await at.ada.open(home);
        await button(page, word('home.search_hint')).click();
        await page.keyboard.type('invitat');
        await lit(page, word('home.invitations'));
        await page.keyboard.press('Control+a');
        await page.keyboard.type('xyzzy');
        await see(palette(page).locator('strong').getByText(word('home.search_nothing', { query: 'xyzzy' })));
        await page.keyboard.press('Control+a');
        await page.keyboard.type('tanaka');
        await see(option(page, 'Lea Tanaka'));
        await Promise.all([page.waitForURL(/\/users\?q=tanaka$/), option(page, word('home.search_all', { query: 'tanaka' })).click()]);
        await seeList(at.ada);
        assert.equal((await names(at.ada, 5)).length, 5);
        assert.equal(await search(page).inputValue(), 'tanaka');
      });

      it('on a phone the search needs a name and a tap', async () => {
        const who = await at.signedIn('bram@crowd.example', { viewport: phone });
        const { page } = who;
        await button(page, word('home.search_hint')).click();
        await page.keyboard.type('elif');
        await see(option(page, 'Elif Demir'));
        await assertFits(page);
        await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), option(page, 'Elif Demir').click()]);
        await seeHeading(page, 'Elif Demir');
      });
    } else {
      it('the search is a form that opens the list, on a phone too', async () => {
        const bram = await at.signedIn('bram@crowd.example', { viewport: phone });
        const top = (who) => who.page.getByRole('banner');
        await at.ada.open(home);
        const anywhere = top(at.ada).getByRole('searchbox', { name: word('home.search'), exact: true });
        await anywhere.fill('lindgren');
        await Promise.all([at.ada.page.waitForURL(/\/users\?q=lindgren$/), anywhere.press('Enter')]);
        assert.deepEqual(await names(at.ada, 1), ['Doreen Lindgren']);
        // There is only room for the icon, which leads to the search field of the list.
        await bram.open(home);
        await Promise.all([bram.page.waitForURL(/\/users\?q=$/), button(top(bram), word('home.search')).click()]);
        await narrow(bram, /q=lindgren/, () => search(bram.page).fill('lindgren'));
        assert.deepEqual(await names(bram, 1), ['Doreen Lindgren']);
      });
    }

    // Presses Tab until the element has the focus.
    async function tabTo(page, target, key = 'Tab', most = 80) {
      for (let presses = 0; presses < most; presses += 1) {
        await page.keyboard.press(key);
        const on = page.locator(':focus');
        if ((await on.count()) && (await target.and(on).count())) return;
      }
      assert.fail(`${most} times ${key} do not lead to ${target}`);
    }

    it('a person can be found, opened and deactivated with the keyboard alone', async () => {
      const { page } = at.ada;
      await openList(at.ada, users);
      await tabTo(page, search(page));
      await page.keyboard.type('okafor');
      if (!javaScriptEnabled) await page.keyboard.press('Enter');
      await page.waitForURL(/q=okafor/);
      assert.deepEqual(await names(at.ada, 1), ['Finn Okafor']);
      await tabTo(page, row(page, 'Finn Okafor').getByRole('link'));
      await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), page.keyboard.press('Enter')]);
      await seeHeading(page, 'Finn Okafor');
      await tabTo(page, button(page, word('users.deactivate')));
      await page.keyboard.press('Enter');
      await see(page.getByText(word('users.deactivated', { name: 'Finn Okafor' })));
      await see(page.getByText(word('common.state_deactivated'), { exact: true }));
      await tabTo(page, page.getByRole('main').getByRole('link', { name: word('users.title'), exact: true }), 'Shift+Tab');
      await Promise.all([page.waitForURL((url) => url.pathname === users), page.keyboard.press('Enter')]);
      await see(row(page, 'Finn Okafor').getByText(word('common.state_deactivated'), { exact: true }));
    });

    it('two people can be selected and removed with the keyboard alone', async () => {
      const { page } = at.ada;
      const box = (name) => row(page, name).getByRole('checkbox');
      await openList(at.ada, users);
      await tabTo(page, box('Elif Demir'));
      await page.keyboard.press('Space');
      if (javaScriptEnabled) {
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
      } else await tabTo(page, box('Gala Moreau'));
      assert.ok(await box('Gala Moreau').and(page.locator(':focus')).count(), 'the focus is on the next but one');
      await page.keyboard.press('Space');
      if (javaScriptEnabled) await seeChosen(page, 2);
      await tabTo(page, page.getByRole('group', { name: word('users.bulk_actions') }).getByRole('button', { name: word('users.remove') }));
      await page.keyboard.press('Enter');
      await see(question(at.ada).getByRole('heading', { name: word('users.remove_question_plural', { count: 2 }), exact: true }));
      for (const name of ['Elif Demir', 'Gala Moreau']) await see(question(at.ada).getByRole('listitem').filter({ hasText: name }));
      await tabTo(page, button(question(at.ada), word('users.remove_confirm')));
      await page.keyboard.press('Enter');
      await see(page.getByText(word('users.done_remove_plural', { count: 2 })));
      for (const name of ['Elif Demir', 'Gala Moreau']) await gone(page, name);
      await see(row(page, 'Dora Lindqvist'));
    });

    it('no browser reported an unexpected error', () => at.close());
  });
}
