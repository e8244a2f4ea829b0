// What an import can do otherwise: its invitations wait to be sent, and one refused row stops all the others.
import { after, describe, it } from 'node:test';
import { button, founder, row, see } from './acts.mjs';
import { closeBrowser } from './browser.mjs';
import { holds } from './holds.mjs';
import { check, choose, csv, openImport, verdict } from './import.mjs';
import { openList } from './list.mjs';
import { stage, users } from './stage.mjs';
import { word } from './words.mjs';

const words = (key, values) => word(`imports.${key}`, values);

after(closeBrowser);

const headers = ['First name', 'Last name', 'Email'];

/** A file is checked with this option chosen and uploaded, as far as its plan. */
async function planned(who, lines, field, code, upload) {
  const { page } = who;
  await openImport(who);
  await choose(who, 'people.csv', csv(headers, ...lines));
  await page.getByLabel(words(field), { exact: true }).selectOption(code);
  await check(who);
  await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, upload).click()]);
  await who.alive();
  await see(page.getByText(words('state_planned'), { exact: true }));
}

describe('an import that sends later, and one that does everything or nothing', () => {
  const at = stage([]);

  it('invitations wait until their import is sent', async () => {
    const { page } = at.ada;
    const lines = [['Marty', 'Quist', 'marty@imported.example'], ['Zoë', 'Åström', 'zoe@imported.example']];
    await planned(at.ada, lines, 'send', 'later', words('upload_plural', { count: 2 }));
    await button(page, words('apply_invite', { count: 2 })).click();
    await see(page.getByText(words('waiting_plural', { count: 2 })));
    await holds(at.ada, 'import waiting');
    const address = page.url();
    await openList(at.ada, `${users}?state=not-notified`);
    for (const name of ['Marty Quist', 'Zoë Åström']) await see(row(page, name).getByText(word('common.state_not_notified'), { exact: true }));
    await row(page, 'Marty Quist').getByRole('link').click();
    await see(page.getByText(word('users.waiting_by_hand')));
    await see(button(page, word('users.send_now')));
    await holds(at.ada, 'user not notified');
    await at.ada.open(address);
    await button(page, words('send_waiting_plural', { count: 2 })).click();
    for (const name of ['marty', 'zoe']) await at.muster.mail.to(`${name}@imported.example`);
    await page.getByText(words('sending', { count: 2 })).waitFor({ state: 'detached' });
    await openList(at.ada, `/i/${founder.slug}/invitations`);
    for (const name of ['Marty Quist', 'Zoë Åström']) await see(row(page, name).getByText(word('common.state_pending'), { exact: true }));
  });

  it('one refused row stops all until it is left out', async () => {
    const { page } = at.ada;
    const lines = [['Ole', 'Berg', 'ole@imported.example'], ['Ada', 'Ek', 'nowhere']];
    await planned(at.ada, lines, 'applying', 'whole', words('upload_singular'));
    await see(page.getByText(words('held_up')));
    await holds(at.ada, 'import held up');
    await button(page, words('leave_out_refused_singular')).click();
    await button(page, words('apply_invite', { count: 1 })).click();
    await see(page.getByText(words('state_done'), { exact: true }));
    await see(verdict(page, 'list_left_out').filter({ hasText: '1' }));
    await at.muster.mail.to('ole@imported.example');
  });

  it('nothing went wrong in any browser unnoticed', () => at.close());
});
