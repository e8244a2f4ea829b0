// What an import remembers for the next one, and an import that is stopped and resumed.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { button, see } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { checkPage } from './page-checks.mjs';
import { check, choose, csv, figures, openImport, target, verdict } from './import.mjs';
import { eventually } from './server.mjs';
import { member, fixture } from './fixtures.mjs';
import { word } from './translations.mjs';

const words = (key, values) => word(`imports.${key}`, values);

after(closeBrowser);

// Uploads the checked file and waits for the plan.
async function plan(who, upload) {
  const { page } = who;
  await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, upload).click()]);
  await who.alive();
  await see(page.getByText(words('state_planned'), { exact: true }));
}

describe('the column mapping is remembered', () => {
  const at = fixture([member('Cleo', 'Adler', { role: 'administrator' })]);
  const headers = ['Wer', 'Wohin', 'Nr', 'Rest'];
  const order = (page) => page.getByLabel(words('name_order'), { exact: true });
  const becomes = (page) => Promise.all(headers.map((header) => target(page, header).inputValue()));

  it('columns are mapped by hand, and the file is planned', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'odd.csv', csv(headers, ['Díaz Ana', 'ana@imported.example', '17', 'x'], ['Ek Bo', 'bo@imported.example', '18', 'y']));
    await see(page.getByText(words('columns_text')));
    await target(page, 'Wer').selectOption('full_name');
    await order(page).selectOption('last_first');
    await target(page, 'Wohin').selectOption('email');
    await target(page, 'Nr').selectOption('attribute');
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 2, ready: 2, wrong: 0 });
    await plan(at.ada, words('upload_plural', { count: 2 }));
    await see(page.getByRole('row').filter({ hasText: 'Ana Díaz' }));
  });

  it('the next file with these headers is mapped, in a colleague’s browser too', async () => {
    const cleo = await at.signedIn('cleo@crowd.example');
    for (const who of [at.ada, cleo]) {
      const { page } = who;
      await openImport(who);
      // Only the headers count, ignoring spacing and case, not the rows.
      await choose(who, 'next.csv', csv(['WER', ' wohin', 'Nr', 'Rest'], ['Berg Uma', 'uma@imported.example', '', '']));
      await see(page.getByText(words('columns_remembered')));
      const named = await page.locator('.import-columns select').evaluateAll((all) => all.map((one) => one.value));
      assert.deepEqual(named, ['full_name', 'email', 'attribute', 'left_out']);
      assert.equal(await order(page).inputValue(), 'last_first');
      await checkPage(who, 'import columns remembered');
    }
    await check(at.ada);
    await plan(at.ada, words('upload_singular'));
    await see(at.ada.page.getByRole('row').filter({ hasText: 'Uma Berg' }));
  });

  it('a change by hand is remembered, and other headers are guessed', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'third.csv', csv(headers, ['Holm Ida', 'ida@imported.example', '19', 'z']));
    await see(page.getByText(words('columns_remembered')));
    await target(page, 'Rest').selectOption('attribute');
    await check(at.ada);
    await plan(at.ada, words('upload_singular'));
    await openImport(at.ada);
    await choose(at.ada, 'fourth.csv', csv(headers, ['Ask Per', 'per@imported.example', '', '']));
    await see(page.getByText(words('columns_remembered')));
    assert.deepEqual(await becomes(page), ['full_name', 'email', 'attribute', 'attribute']);
    await openImport(at.ada);
    await choose(at.ada, 'other.csv', csv([...headers, 'More'], ['Ask Per', 'per@imported.example', '', '', '']));
    await see(page.getByText(words('columns_text')));
    assert.equal(await target(page, 'Wer').inputValue(), 'left_out');
  });

  it('no browser reported an unexpected error', () => at.close());
});

describe('a page whose progress request is refused', () => {
  const at = fixture([]);

  it('retries and shows the final state', async () => {
    const { page, context } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv(['First name', 'Last name', 'Email'], ['Ana', 'Diaz', 'ana@imported.example']));
    await check(at.ada);
    let refused = 0;
    at.ada.allow(429);
    await context.route(/\/progress$/, (route) => (refused++ === 0 ? route.fulfill({ status: 429 }) : route.continue()));
    // Delayed until the page was refused; otherwise the plan may be ready before anyone asks.
    const release = await at.muster.database.hold('LOCK TABLE muster.import_rows IN ACCESS EXCLUSIVE MODE');
    try {
      await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, words('upload_singular')).click()]);
      await eventually('the refusal', async () => refused > 0);
    } finally {
      await release();
    }
    await see(page.getByText(words('state_planned'), { exact: true }));
  });

  it('no browser reported an unexpected error', () => at.close());
});

describe('an import is stopped and resumed', () => {
  const at = fixture([]);
  const people = Array.from({ length: 100 }, (_, n) => [`Person${n}`, `Family${n}`, `person${n}@imported.example`]);
  const invited = () => at.muster.query("SELECT count(*) FROM muster.memberships WHERE email LIKE '%@imported.example'");
  const waiting = () => at.muster.query("SELECT count(*) FROM pg_locks WHERE NOT granted");

  let stopped;

  it('an import stops between two chunks, and the rest is not invited', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv(['First name', 'Last name', 'Email'], ...people));
    await check(at.ada);
    await plan(at.ada, words('upload_plural', { count: 100 }));
    await at.muster.query('UPDATE muster.imports SET chunk_rows = 2');
    // A chunk is written under the institution's lock. While the test holds it, the first chunk waits, and then Stop. The
    // worker may get to the next chunk first once or twice.
    const release = await at.muster.database.hold('SELECT FROM muster.institutions FOR UPDATE');
    try {
      await button(page, words('apply_invite', { count: 100 })).click();
      await see(page.getByRole('heading', { name: words('applying_title'), exact: true }));
      await checkPage(at.ada, 'import applying');
      await eventually('the worker at the first chunk', async () => Number(await waiting()) === 1);
      await button(page, words('stop')).click();
      await eventually('the stop behind it', async () => Number(await waiting()) === 2);
    } finally {
      await release();
    }
    await see(page.getByText(words('state_stopped'), { exact: true }));
    stopped = await invited();
    assert.ok(Number(stopped) >= 2 && Number(stopped) < 100 && Number(stopped) % 2 === 0, `${stopped} invited`);
    assert.equal(await verdict(page, 'list_invited').locator('strong').innerText(), stopped);
    await checkPage(at.ada, 'import stopped');
  });

  it('an import stays stopped in every browser until resumed, and invites each person once', async () => {
    const { page } = at.ada;
    const who = await at.signedIn('ada@northwind.example', { javaScriptEnabled: false });
    await who.open(page.url());
    await see(who.page.getByText(words('state_stopped'), { exact: true }));
    assert.equal(await invited(), stopped);
    await button(who.page, words('resume')).click();
    await page.reload();
    await at.ada.alive();
    await see(page.getByText(words('state_done'), { exact: true }));
    await see(verdict(page, 'list_invited').filter({ hasText: '100' }));
    assert.equal(await invited(), '100');
    for (const [, , email] of people) await at.muster.mail.to(email);
    assert.equal(at.muster.mail.mails.length, people.length);
  });

  it('no browser reported an unexpected error', () => at.close());
});
