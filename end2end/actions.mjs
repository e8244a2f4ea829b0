// Actions that many tests share. Each uses the pages as a person does, by their text.
import assert from 'node:assert/strict';
import { word } from './translations.mjs';

export const phone = { width: 390, height: 844 };

export const founder = {
  institution: 'Northwind Clinic',
  slug: 'northwind-clinic',
  first: 'Ada',
  last: 'Quill',
  email: 'ada@northwind.example',
  password: 'seven calm rivers at dawn',
};

export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const field = (page, label) => page.getByLabel(label, { exact: true });
export const heading = (page, name) => page.getByRole('heading', { name, exact: true });
// Returns the row of the list that shows an address or a name.
export const row = (page, text) => page.getByRole('row').filter({ hasText: text });

// Returns a checked line of the username checklist: its text, and the text for people who do not see the check mark.
export const kept = (page, rule) =>
  page.getByRole('listitem').filter({ hasText: rule }).filter({ has: page.getByText(word('common.rule_met'), { exact: true }) });

// Waits until an element is visible.
export async function see(locator) {
  await locator.first().waitFor({ state: 'visible' });
}

export const seeHeading = (page, name) => see(heading(page, name));

// Presses a button that navigates, and waits until the new page is hydrated.
export async function pressAndArrive(who, name, address) {
  await Promise.all([who.page.waitForURL(address), button(who.page, name).click()]);
  await who.alive();
}

// Sets up the first institution and its main contact by the link of the first start.
export async function setUp(who, muster, { institution, first, last, email, password } = founder) {
  const { page } = who;
  await who.open(muster.setupLink);
  assert.equal(new URL(page.url()).pathname, '/setup', 'the token has left the address');
  await field(page, word('setup.institution_name')).fill(institution);
  await field(page, word('setup.time_zone')).selectOption('Europe/Zurich');
  await field(page, word('common.first_name')).fill(first);
  await field(page, word('common.last_name')).fill(last);
  await field(page, word('common.email')).fill(email);
  const username = await field(page, word('common.username')).inputValue();
  assert.notEqual(username, '', 'a username is proposed');
  await field(page, word('common.password')).fill(password);
  if (who.hydrated) await see(kept(page, word('setup.rule_free')));
  await pressAndArrive(who, word('setup.submit'), /\/i\/[^/]+\/users$/);
  return { username };
}

export async function signIn(who, identifier, password, address = /\/i\//) {
  await who.open('/sign-in');
  await field(who.page, word('session.identifier')).fill(identifier);
  await field(who.page, word('common.password')).fill(password);
  await pressAndArrive(who, word('common.sign_in'), address);
}

export async function signOut(who) {
  await who.open('/profile');
  await pressAndArrive(who, word('common.sign_out'), /\/sign-in/);
}

// Fills in the invite form, adds rows if necessary, and submits it. The caller checks the result.
export async function invite(who, addresses, { slug = founder.slug, note } = {}) {
  const { page } = who;
  await who.open(`/i/${slug}/invite`);
  for (const [index, address] of addresses.entries()) {
    const email = field(page, word('invitations.email_of', { n: index + 1 }));
    for (let rows = await page.getByLabel(word('invitations.email_of')).count(); rows <= index; rows += 1) {
      await button(page, word('invitations.add')).click();
      await see(email);
    }
    await email.fill(address);
  }
  if (note) await page.getByLabel(word('invitations.note')).fill(note);
  await button(page, word('invitations.submit')).last().click();
}

// Accepts as a new person on the open page; ends on the institution's Home.
export async function acceptAsNew(who, { first, last, password, username }, slug = founder.slug) {
  const { page } = who;
  await field(page, word('common.first_name')).fill(first);
  await field(page, word('common.last_name')).fill(last);
  if (username) await field(page, word('common.username')).fill(username);
  else username = await field(page, word('common.username')).inputValue();
  assert.notEqual(username, '', 'a username is proposed');
  await field(page, word('common.password')).fill(password);
  if (who.hydrated) await see(kept(page, word('setup.rule_free')));
  await pressAndArrive(who, word('accept.submit'), new RegExp(`/i/${slug}/?$`));
  return { username };
}

// Opens the page of the person whom the list shows with an address or a name.
export async function openPerson(who, text, slug = founder.slug) {
  await who.open(`/i/${slug}/users`);
  const link = row(who.page, text).getByRole('link').first();
  await Promise.all([who.page.waitForURL(/\/users\/[0-9a-f-]{36}$/), link.click()]);
  await who.alive();
}

// Waits until the list shows a state for a person.
export async function seeState(who, text, state, slug = founder.slug) {
  await who.open(`/i/${slug}/users`);
  await see(row(who.page, text).getByText(word(`common.state_${state}`), { exact: true }));
}
