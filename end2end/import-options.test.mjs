// Options of an import: invitations that wait to be sent, and all or nothing.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { button, field, founder, row, see } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { checkPage } from './page-checks.mjs';
import { cell, check, choose, csv, figure, openImport, verdict } from './import.mjs';
import { openList } from './list.mjs';
import { fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

const words = (key, values) => word(`imports.${key}`, values);

after(closeBrowser);

const headers = ['First name', 'Last name', 'Email'];

const time = (page) => field(page, words('send_at'));

/** Checks a file with these options, uploads it and waits for the plan. */
async function planned(who, lines, options, upload) {
  const { page } = who;
  await openImport(who);
  await choose(who, 'people.csv', csv(headers, ...lines));
  const { send_at: at, ...chosen } = options;
  for (const [name, code] of Object.entries(chosen)) await field(page, words(name)).selectOption(code);
  if (at) await time(page).fill(at);
  await check(who);
  await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, upload).click()]);
  await who.alive();
  await see(page.getByText(words('state_planned'), { exact: true }));
}

describe('an import that sends later, and an all-or-nothing import', () => {
  const at = fixture([]);

  it('invitations wait until their import is sent', async () => {
    const { page } = at.ada;
    const lines = [['Marty', 'Quist', 'marty@imported.example'], ['Zoë', 'Åström', 'zoe@imported.example']];
    await planned(at.ada, lines, { send: 'later' }, words('upload_plural', { count: 2 }));
    await button(page, words('apply_invite', { count: 2 })).click();
    await see(page.getByText(words('waiting_plural', { count: 2 })));
    await checkPage(at.ada, 'import waiting');
    const address = page.url();
    await openList(at.ada, `${users}?state=not-notified`);
    for (const name of ['Marty Quist', 'Zoë Åström']) await see(row(page, name).getByText(word('common.state_not_notified'), { exact: true }));
    await row(page, 'Marty Quist').getByRole('link').click();
    await see(page.getByText(word('users.waiting_by_hand')));
    await see(button(page, word('users.send_now')));
    await checkPage(at.ada, 'user not notified');
    await at.ada.open(address);
    await button(page, words('send_waiting_plural', { count: 2 })).click();
    for (const name of ['marty', 'zoe']) await at.muster.mail.to(`${name}@imported.example`);
    await page.getByText(words('sending_plural', { count: 2 })).waitFor({ state: 'detached' });
    await openList(at.ada, `/i/${founder.slug}/invitations`);
    for (const name of ['Marty Quist', 'Zoë Åström']) await see(row(page, name).getByText(word('common.state_pending'), { exact: true }));
  });

  it('a schedule can be changed, removed and set again, and sending before it sends once', async () => {
    const { page } = at.ada;
    const lines = [['Ines', 'Duarte', 'ines@imported.example'], ['Omar', 'Khan', 'omar@imported.example']];
    await planned(at.ada, lines, { send: 'job', send_at: '2037-07-01T09:00' }, words('upload_plural', { count: 2 }));
    await see(page.getByText(words('then_sent', { until: 'Wed 1 Jul 2037, 09:00 CEST' })));
    await button(page, words('apply_invite', { count: 2 })).click();
    const waits = words('waiting_plural', { count: 2 });
    const until = (moment) => page.getByText(`${waits} ${words('waiting_until_plural', { until: moment })}`);
    await see(until('Wed 1 Jul 2037, 09:00 CEST'));
    const fold = page.getByText(words('change_send_time'), { exact: true });
    await fold.click();
    assert.equal(await time(page).inputValue(), '2037-07-01T09:00');
    at.ada.allow(422);
    await time(page).fill('2020-01-01T09:00');
    await button(page, words('set_send_time_submit')).click();
    await see(page.getByText(word('common.past')));
    assert.equal(await time(page).getAttribute('aria-invalid'), 'true');
    await checkPage(at.ada, 'import with a time that is over');
    await time(page).fill('2038-01-04T10:30');
    await button(page, words('set_send_time_submit')).click();
    await see(until('Mon 4 Jan 2038, 10:30 CET'));
    await checkPage(at.ada, 'import that sends at a time');
    await button(page, words('unschedule')).click();
    await see(page.getByText(waits, { exact: true }));
    await button(page, words('unschedule')).waitFor({ state: 'detached' });

    const who = await at.signedIn(founder.email, { javaScriptEnabled: false });
    await who.open(page.url());
    await who.page.getByText(words('set_send_time'), { exact: true }).click();
    await time(who.page).fill('2039-02-01T08:00');
    await button(who.page, words('set_send_time_submit')).click();
    await see(who.page.getByText('Tue 1 Feb 2039, 08:00 CET'));
    await button(who.page, words('send_waiting_plural', { count: 2 })).click();
    for (const name of ['ines', 'omar']) await at.muster.mail.to(`${name}@imported.example`);
    // The page that was open before does not know it yet.
    at.ada.allow(409);
    await button(page, words('send_waiting_plural', { count: 2 })).click();
    await see(page.getByText(word('common.nothing_to_send')));
    for (const name of ['ines', 'omar']) assert.equal(at.muster.mail.mails.filter(({ to }) => to.includes(`${name}@imported.example`)).length, 1);
  });

  it('waiting login details are labeled as such', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv(headers, ['Pia', 'Quist', 'pia@imported.example'], ['Uma', 'Berg', 'uma@imported.example']));
    await field(page, words('access')).selectOption('passwords');
    await field(page, words('send')).selectOption('later');
    await check(at.ada);
    await button(page, words('propose_plural', { count: 2 })).click();
    await figure(page, 'ready', 2);
    const username = cell(page, 'username', 2);
    assert.notEqual(await username.inputValue(), '', 'what is proposed is there to be seen');
    await username.fill('lumen.742');
    await checkPage(at.ada, 'import usernames put in');
    await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, words('upload_plural', { count: 2 })).click()]);
    await at.ada.alive();
    await see(page.getByText(words('then_waits_details')));
    await see(page.getByRole('row').filter({ hasText: 'uma@imported.example' }).getByText('lumen.742'));
    await button(page, words('apply_accounts_plural', { count: 2 })).click();
    await see(page.getByText(words('waiting_details_plural', { count: 2 })));
    await checkPage(at.ada, 'import with login details waiting');
    await button(page, words('send_details_plural', { count: 2 })).click();
    const mail = await at.muster.mail.to('uma@imported.example');
    assert.match(mail.text, /lumen\.742/);
  });

  it('one rejected row stops the import until it is skipped', async () => {
    const { page } = at.ada;
    const lines = [['Ole', 'Berg', 'ole@imported.example'], ['Ada', 'Ek', 'nowhere']];
    await planned(at.ada, lines, { applying: 'whole' }, words('upload_singular'));
    await see(page.getByText(words('held_up')));
    await checkPage(at.ada, 'import held up');
    await button(page, words('leave_out_refused_singular')).click();
    await button(page, words('apply_invite', { count: 1 })).click();
    await see(page.getByText(words('state_done'), { exact: true }));
    await see(verdict(page, 'list_left_out').filter({ hasText: '1' }));
    await at.muster.mail.to('ole@imported.example');
  });

  it('phone numbers are completed with the country code, and invalid ones can be cleared', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv([...headers, 'Phone'], ['Kim', 'Sand', 'kim@imported.example', '030/1234567'], ['Lee', 'Holm', 'lee@imported.example', 'ask the desk'], ['Max', 'Ott', 'max@imported.example', 'ext. 12']));
    const code = page.getByLabel(words('calling_code'));
    await code.fill('Germany');
    await see(page.getByText(words('calling_code_wrong')).first());
    await checkPage(at.ada, 'import with a country code that is none');
    await code.fill('+49');
    await check(at.ada);
    await figure(page, 'wrong', 2);
    const empty = button(page, words('empty_plural', { count: 2 }));
    assert.equal(await empty.count(), 0, 'of all kinds together nothing is emptied');
    await page.getByRole('button', { name: new RegExp(`^${words('problem_not_a_number')}`) }).click();
    await see(empty);
    await checkPage(at.ada, 'import cells to be emptied');
    await empty.click();
    await figure(page, 'ready', 3);
    await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, words('upload_plural', { count: 3 })).click()]);
    await at.ada.alive();
    await button(page, words('apply_invite', { count: 3 })).click();
    await see(page.getByText(words('state_done'), { exact: true }));
    const phones = await at.muster.query("SELECT string_agg(coalesce(phone, '-'), ' ' ORDER BY email) FROM muster.memberships WHERE email IN ('kim@imported.example', 'lee@imported.example', 'max@imported.example')");
    assert.equal(phones.trim(), '+49301234567 - -');
  });

  it('no browser reported an unexpected error', () => at.close());
});
