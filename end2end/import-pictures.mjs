// The screenshots of an import, from the file to its outcome, in every visually distinct state.
import assert from 'node:assert/strict';
import { button, field, row, see } from './actions.mjs';
import { openList } from './list.mjs';
import { check, choose, csv, figure, messy } from './import.mjs';
import { forReadme, picture } from './pictures.mjs';
import { eventually } from './server.mjs';
import { word } from './translations.mjs';

const words = (key, values) => word(`imports.${key}`, values);
const headers = ['First name', 'Last name', 'Email'];
const soon = '2037-07-01T09:00';

/** `amara` is an administrator of `home`, `query` runs SQL. Returns unused login details. */
export async function importPictures({ amara, home, query }) {
  const { page } = amara;
  const fresh = () => amara.open(`${home}/imports/new`);
  const press = (name) => button(page, name).click();
  const option = (name, code) => field(page, words(name)).selectOption(code);
  const state = (name) => page.locator('.head .chip').getByText(words(`state_${name}`), { exact: true }).waitFor();
  const upload = async (count) => {
    const name = count === 1 ? words('upload_singular') : words('upload_plural', { count });
    await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/, { timeout: 60_000 }), press(name)]);
    await amara.alive();
    await state('planned');
  };
  const apply = () => page.getByRole('button', { name: /^Apply/ }).click();

  await amara.open(`${home}/imports`);
  await picture(amara, 'imports, none yet');
  await fresh();
  await picture(amara, 'import, a file');

  // --- invalid cells are corrected ---
  const directory = async (who) => {
    await choose(who, 'directory-november.csv', messy);
    if (who === amara) await picture(amara, 'import, its columns');
    await check(who);
  };
  await directory(amara);
  await picture(amara, 'import, what is wrong');
  await forReadme(amara, 'import', { width: 1440, height: 900, to: `${home}/imports/new`, prepare: (view) => directory({ page: view }) });
  await press(words('propose_plural', { count: 3 }));
  await press(words('leave_out_plural', { count: 3 }));
  await figure(page, 'wrong', 0);
  await picture(amara, 'import, mended');
  await upload(6);
  await picture(amara, 'import, its plan');
  await apply();
  await state('done');
  await picture(amara, 'import, done');
  await press(words('undo'));
  await see(page.getByRole('dialog'));
  await picture(amara, 'import, whether to undo it', { whole: false });
  await button(page.getByRole('dialog'), words('undo_confirm')).click();
  await state('undone');
  await picture(amara, 'import, undone');
  await fresh();
  await choose(amara, 'directory-december.csv', messy);
  await see(page.getByText(words('columns_remembered')));
  await picture(amara, 'import, its columns remembered');

  // --- national phone numbers; optional cells; skipped rows ---
  const phones = csv(
    [...headers, 'Phone'],
    ['Maximiliane', 'von der Heydt-Oberhausen', 'maximiliane.von-der-heydt@krankenhaus-oberhausen.example', '030 1234567'],
    ['Zoë', 'Åström', 'zoe.astrom@imported.example', 'ask at the front desk of ward 7 in the afternoon'],
    ['Noor', 'Haddad', 'noor.haddad@imported.example', 'ext. 12'],
    ['Ole', 'Berg', 'nowhere', '0221 998877'],
  );
  const kind = (name) => page.locator('.kinds button').filter({ hasText: name }).click();
  await fresh();
  await choose(amara, 'ward-7.csv', phones);
  const callingCode = page.getByLabel(words('calling_code'));
  await callingCode.fill('+4x');
  await picture(amara, 'import, a country code that is none');
  await callingCode.fill('+49');
  await check(amara);
  await kind(words('problem_not_a_number'));
  await picture(amara, 'import, phone numbers that are none');
  await press(words('empty_plural', { count: 2 }));
  await figure(page, 'wrong', 1);
  await picture(amara, 'import, nothing left of a kind');
  await kind(words('all_wrong'));
  await press(words('leave_out_singular'));
  await kind(words('left_out'));
  await picture(amara, 'import, rows left out');
  await upload(3);
  await press(words('discard'));
  await button(page.getByRole('dialog'), words('discard_confirm')).click();
  await state('discarded');
  await picture(amara, 'import, discarded');

  // --- invitations sent by hand, or at a scheduled time ---
  const later = csv(
    headers,
    ['Maximiliane', 'von der Heydt-Oberhausen', 'maximiliane.von-der-heydt@krankenhaus-oberhausen.example'],
    ['Zoë', 'Åström', 'zoe.astrom@imported.example'],
    ['Noor', 'Haddad', 'noor.haddad@imported.example'],
  );
  await fresh();
  await choose(amara, 'night-shift.csv', later);
  await option('send', 'later');
  await picture(amara, 'import, sent later');
  await option('send', 'job');
  await picture(amara, 'import, at a time that is missing');
  await field(page, words('send_at')).fill(soon);
  await picture(amara, 'import, at a time');
  await check(amara);
  await upload(3);
  await picture(amara, 'import, a plan that is sent at a time');
  await apply();
  await state('done');
  const change = page.getByText(words('change_send_time'), { exact: true });
  await see(change);
  await picture(amara, 'import, waiting for its time');
  await change.click();
  amara.allow(422, 409);
  await field(page, words('send_at')).fill('2020-01-01T09:00');
  await press(words('set_send_time_submit'));
  await see(page.getByText(word('common.past')));
  await picture(amara, 'import, a time that is over');
  const waiting = page.url();
  await openList(amara, `${home}/invitations?state=not-notified`);
  await picture(amara, 'invitations, not notified', { whole: false });
  const person = async () => {
    await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), row(page, 'Maximiliane').getByRole('link').first().click()]);
    await amara.alive();
  };
  await person();
  await picture(amara, 'person, not notified, at a time');
  await amara.open(home);
  await picture(amara, 'home, some are not notified');
  await amara.open(waiting);
  await press(words('unschedule'));
  await button(page, words('unschedule')).waitFor({ state: 'detached' });
  await picture(amara, 'import, waiting for somebody');
  await openList(amara, `${home}/users?state=not-notified`);
  await picture(amara, 'users, not notified', { whole: false });
  await person();
  await picture(amara, 'person, not notified');

  // --- all or nothing ---
  await fresh();
  const whole = csv(headers, ['Ole', 'Berg', 'ole.berg@imported.example'], ['Ada', 'Ek', 'ada.ek@imported.example'], ['Ida', 'Holm', 'nowhere']);
  await choose(amara, 'all-of-them.csv', whole);
  await option('applying', 'whole');
  await picture(amara, 'import, everything or nothing');
  await check(amara);
  await picture(amara, 'import, everything or nothing, checked');
  await upload(2);
  await picture(amara, 'import, held up');
  await press(words('leave_out_refused_singular'));
  await see(page.getByRole('button', { name: /^Apply/ }));
  const address = page.url();
  await amara.open(`${home}/invite`);
  await field(page, word('invitations.email_of', { n: 1 })).fill('ole.berg@imported.example');
  await button(page, word('invitations.submit')).last().click();
  await see(page.getByText(word('invitations.sent_singular', { email: 'ole.berg@imported.example' })));
  await amara.open(address);
  await apply();
  await state('failed');
  await see(page.getByText(words('reason_already_invited')));
  await picture(amara, 'import, failed as a whole');

  // --- login details ---
  await fresh();
  await choose(amara, 'accounts.csv', csv(headers, ['Omar', 'Khan', 'omar.khan@imported.example'], ['Pia', 'Quist', 'pia.quist@imported.example']));
  await option('access', 'passwords');
  await option('send', 'later');
  await picture(amara, 'import, login details');
  await check(amara);
  await picture(amara, 'import, usernames are missing');
  await press(words('propose_plural', { count: 2 }));
  await figure(page, 'ready', 2);
  await picture(amara, 'import, usernames put in');
  await upload(2);
  await picture(amara, 'import, a plan of accounts');
  await apply();
  await see(button(page, words('send_details_plural', { count: 2 })));
  await picture(amara, 'import, login details waiting');
  await openList(amara, `${home}/invitations?state=not-notified`);
  await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), row(page, 'Omar Khan').getByRole('link').first().click()]);
  await amara.alive();
  await picture(amara, 'person, login details waiting');
  await amara.open(`${home}/imports`);
  await picture(amara, 'imports');
  await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), page.getByRole('link', { name: 'accounts.csv' }).click()]);
  await amara.alive();
  await press(words('send_details_plural', { count: 2 }));
  const text = await eventually('the login details', async () => {
    const mail = await query("SELECT text_body FROM muster.dev_mailbox WHERE recipient = 'omar.khan@imported.example' ORDER BY id DESC LIMIT 1");
    return mail;
  });
  const said = (name) => text.match(new RegExp(`${word(`mail.login_details.${name}`)}: (\\S+)`))?.[1];
  const account = { username: said('username'), password: said('password') };
  assert.ok(account.username && account.password, text);
  return account;
}
