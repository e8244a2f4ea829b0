// Actions in the lists of users and of invitations: opening, filtering, selecting and bulk actions.
import assert from 'node:assert/strict';
import { button, row, see } from './actions.mjs';
import { word } from './translations.mjs';

export const search = (page, words = 'users.search') => page.getByRole('searchbox', { name: word(words), exact: true });
export const filter = (page, words) => page.getByRole('combobox', { name: word(words), exact: true });
export const link = (page, words) => page.getByRole('link', { name: word(words), exact: true });
export const box = (page, name) => row(page, name).getByRole('checkbox');

// Waits until the list is shown and, with script, hydrated.
export async function seeList(who) {
  const form = who.page.getByRole('main').getByRole('search');
  await (who.hydrated ? who.page.locator('form.filters.alive') : form).waitFor({ state: 'attached' });
}

export async function openList(who, address) {
  const answer = await who.open(address);
  await seeList(who);
  return answer;
}

// Returns the names in the rows after the list has the given total.
export async function names(who, count, kind = '') {
  const words = kind === 'invitations' ? ['invitations_singular', 'invitations_plural'] : ['count_singular', 'count_plural'];
  await see(who.page.getByText(count === 1 ? word(`users.${words[0]}`) : word(`users.${words[1]}`, { count }), { exact: true }));
  const shown = await who.page.locator('tbody a.cover').allInnerTexts();
  return shown.map((name) => name.trim());
}

// Sets a filter or an order and follows it; without script it presses Apply.
export async function narrow(who, address, set) {
  const { page } = who;
  if (who.hydrated) return Promise.all([page.waitForURL(address), set()]);
  await set();
  await Promise.all([page.waitForURL(address), button(page, word('users.apply')).click()]);
}

export async function choose(who, ...people) {
  for (const name of people) await box(who.page, name).click();
  if (who.hydrated) await seeChosen(who.page, people.length);
}

// Waits until a number of rows is selected and the bar shows it.
export async function seeChosen(page, count) {
  const languages = ['en', 'de'].map((language) => page.getByText(word('users.chosen', { count }, language), { exact: true }));
  if (count) await see(languages[0].or(languages[1]));
  await page.waitForFunction((wanted) => document.querySelectorAll('tbody input:checked').length === wanted, count);
}

// Returns a bulk action. Its label has the number of selected people that it applies to, if not all.
export const action = (page, words) =>
  page.getByRole('group', { name: word('users.bulk_actions') }).getByRole('button', { name: new RegExp(`^${word(words)}( \\(\\d+\\))?$`) });

// Returns the confirmation of an irreversible action: a dialog, or a card of the page without script.
export const question = (who) => (who.hydrated ? who.page.getByRole('dialog') : who.page.locator('.confirm'));

// Removes the selected people after the confirmation has named them.
export async function removeChosen(who, people, words = ['users.remove', 'users.remove_question_plural', 'users.remove_confirm']) {
  const [press, title, confirm] = words;
  await action(who.page, press).click();
  await see(question(who).getByRole('heading', { name: word(title, { count: people.length }), exact: true }));
  const named = await question(who).getByRole('listitem').allInnerTexts();
  assert.deepEqual(named.sort(), people.toSorted());
  await button(question(who), word(confirm)).click();
}

export const gone = (page, name) => row(page, name).waitFor({ state: 'detached' });
