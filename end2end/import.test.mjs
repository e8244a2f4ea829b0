// An import, as an administrator does it: a file is chosen, its columns are named, it is checked and corrected in the browser.
import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { button, founder, phone, row, see, signIn } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { checkPage } from './page-checks.mjs';
import { cell, check, choose, csv, figure, figures, messy, openImport, target, verdict, wrongRows } from './import.mjs';
import { openList } from './list.mjs';
import { assertFits } from './people.mjs';
import { member, fixture, users } from './fixtures.mjs';
import { word } from './translations.mjs';

const words = (key, values) => word(`imports.${key}`, values);

after(closeBrowser);

describe('a file is checked and corrected in the browser', () => {
  const at = fixture([]);

  it('the encoding and delimiter are detected, and columns are recognized by their headers', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await checkPage(at.ada, 'import file');
    await choose(at.ada, 'people-november.csv', messy);
    for (const [header, column] of [['First Name [Required]', 'first_name'], ['Login', 'username'], ['Email Address', 'email'], ['Department', 'left_out']]) {
      assert.equal(await target(page, header).inputValue(), column, header);
    }
    assert.equal(await page.getByLabel(words('encoding'), { exact: true }).inputValue(), 'utf8');
    assert.equal(await page.getByLabel(words('delimiter'), { exact: true }).inputValue(), 'comma');
    await checkPage(at.ada, 'import columns');
  });

  it('problems of rows are shown by kind and in the grid', async () => {
    const { page } = at.ada;
    await target(page, 'Department').selectOption('attribute');
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 9, ready: 3, wrong: 6 });
    assert.deepEqual(await wrongRows(page), ['1', '2', '3', '5', '7', '9']);
    for (const [row, said] of [
      ['1', words('problem_contains_name', { found: 'marty' })],
      ['2', words('problem_too_short', { minimum: 6 })],
      ['3', words('problem_not_an_address')],
      ['5', words('problem_same_as', { column: words('column_username'), row: 4 })],
      ['7', words('problem_same_as', { column: words('column_email'), row: 6 })],
    ]) {
      await see(page.getByRole('row', { name: new RegExp(`^${row} `) }).getByText(said, { exact: true }));
    }
    await see(page.getByText(words('fault_ragged_plural', { found: 2, expected: 5 })).or(page.getByText('2 fields instead of 5')));
    await checkPage(at.ada, 'import check');
  });

  it('selecting a kind of problem shows only its rows', async () => {
    const { page } = at.ada;
    await page.getByRole('button', { name: new RegExp(`^${words('problem_not_an_address')}`) }).click();
    await page.waitForFunction(() => document.querySelectorAll('.import-grid tbody tr').length === 1);
    assert.deepEqual(await wrongRows(page), ['3']);
    await page.getByRole('button', { name: new RegExp(`^${words('all_wrong')}`) }).click();
    await page.waitForFunction(() => document.querySelectorAll('.import-grid tbody tr').length === 6);
  });

  it('a cell is corrected in place and checked immediately, and the row stays visible', async () => {
    const { page } = at.ada;
    const email = cell(page, 'email', 3);
    assert.equal(await email.getAttribute('aria-invalid'), 'true');
    await email.fill('omar@imported.example');
    await figure(page, 'ready', 4);
    assert.equal(await email.getAttribute('aria-invalid'), null);
    assert.deepEqual(await wrongRows(page), ['1', '2', '3', '5', '7', '9']);
    // Another row's address is another problem, shown immediately.
    await email.fill('pia@imported.example');
    await see(page.getByText(words('problem_same_as', { column: words('column_email'), row: 4 }), { exact: true }));
    await email.fill('omar@imported.example');
    await figure(page, 'ready', 4);
  });

  it('Enter moves to the next invalid cell', async () => {
    const { page } = at.ada;
    await cell(page, 'username', 1).focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'cell-2-username');
  });

  it('one click accepts a suggested username, and another one accepts all', async () => {
    const { page } = at.ada;
    const proposal = page.getByRole('row', { name: /^1 / }).getByRole('button').first();
    const username = (await proposal.innerText()).trim();
    await proposal.click();
    await figure(page, 'ready', 5);
    assert.equal(await cell(page, 'username', 1).inputValue(), username);
    await button(page, words('propose_plural', { count: 2 })).click();
    await figure(page, 'ready', 7);
    await figure(page, 'wrong', 2);
    await checkPage(at.ada, 'import corrected');
  });

  it('the remaining invalid rows are downloaded with their problems', async () => {
    const { page } = at.ada;
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, words('download_plural', { count: 2 })).click()]);
    assert.equal(download.suggestedFilename(), 'people-november-to-mend.csv');
    const text = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
    const lines = text.trim().split('\r\n');
    assert.equal(lines.length, 3);
    assert.match(lines[1], /^Una,Bergen,sable\.2040,UMA@imported\.example,Ward 2,Email also in row 6$/);
  });

  it('a German page downloads the same rows with German messages', async () => {
    const { page } = at.ada;
    await page.evaluate(() => document.documentElement.setAttribute('lang', 'de'));
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, words('download_plural', { count: 2 })).click()]);
    await page.evaluate(() => document.documentElement.setAttribute('lang', 'en'));
    const text = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
    assert.match(text.split('\r\n')[1], /,E-Mail auch in Zeile 6$/);
  });

  it('a row can be skipped and included again, and all invalid rows skipped at once', async () => {
    const { page } = at.ada;
    await button(page, words('leave_out_row', { row: 7 })).click();
    await figure(page, 'wrong', 1);
    await button(page, words('take_in_row', { row: 7 })).click();
    await figure(page, 'wrong', 2);
    await button(page, words('leave_out_plural', { count: 2 })).click();
    await figure(page, 'wrong', 0);
    await see(page.getByRole('heading', { name: words('all_ready'), exact: true }));
    await see(button(page, words('upload_plural', { count: 7 })));
  });

  it('unknown columns are mapped by hand, and the check requires the mandatory ones', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'odd.csv', csv(['Wer', 'Wohin', 'Nr'], ['Ana Díaz', 'ana@imported.example', '17'], ['Bo Ek', 'bo@imported.example', '18']));
    const go = page.getByRole('button', { name: words('check') });
    assert.equal(await go.getAttribute('aria-disabled'), 'true');
    await see(page.getByText(words('not_mapped', { column: words('column_email') })));
    await target(page, 'Wer').selectOption('full_name');
    await target(page, 'Wohin').selectOption('email');
    await target(page, 'Nr').selectOption('attribute');
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 2, ready: 2, wrong: 0 });
    await see(page.getByText(words('ready_title')));
  });

  it('the encoding and the delimiter can be chosen by hand', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    const latin = Buffer.from('E-Mail|Vorname|Nachname\nzoe@imported.example|Zo\xEB|\xC5str\xF6m\n', 'latin1');
    await choose(at.ada, 'latin.csv', latin);
    assert.equal(await page.getByLabel(words('encoding'), { exact: true }).inputValue(), 'windows1252');
    assert.equal(await page.getByLabel(words('delimiter'), { exact: true }).inputValue(), 'pipe');
    await see(page.getByText('Åström'));
    await page.getByLabel(words('delimiter'), { exact: true }).selectOption('semicolon');
    await see(page.getByText('E-Mail|Vorname|Nachname', { exact: true }));
    await page.getByLabel(words('delimiter'), { exact: true }).selectOption('pipe');
    await see(target(page, 'Vorname'));
  });

  it('a file that ends within quotes is refused with line and character', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'open.csv', 'Email,First name,Last name\na@imported.example,Ann,Ek\nb@imported.example,"Bo,Ek\n');
    await check(at.ada);
    await see(page.getByText(words('stopped_reading')));
    await see(page.getByText('(line 3, character 20)'));
    assert.equal(await page.getByRole('button', { name: words('upload_singular') }).getAttribute('aria-disabled'), 'true');
  });

  it('a file that is too large is refused before it is read', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-e2e-large-'));
    try {
      // Sparse: it takes no disk space, and reading it would take minutes.
      const large = path.join(folder, 'large.csv');
      await writeFile(large, 'Email,First name,Last name\n');
      await truncate(large, 2 ** 40);
      await page.locator('.drop input').setInputFiles(large);
      await see(page.getByText(words('fault_too_large', { maximum: 2 }), { exact: true }));
      assert.equal(await page.getByRole('button', { name: words('check') }).count(), 0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('on a phone rows are corrected the same way, and nothing is too wide', async () => {
    const who = await at.signedIn(founder.email, { viewport: phone });
    await openImport(who);
    await choose(who, 'people.csv', messy);
    await assertFits(who.page);
    await check(who);
    await assertFits(who.page);
    await cell(who.page, 'email', 3).fill('omar@imported.example');
    await figure(who.page, 'ready', 4);
  });

  it('the page stays responsive while a hundred thousand rows are checked', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    const rows = Array.from({ length: 100_000 }, (_, n) => {
      const username = n % 1000 === 7 ? 'za' : `kestrel${n}`;
      return `Person${n},Family${n},${username},person${n}@imported.example,Ward ${n % 9}\n`;
    });
    await choose(at.ada, 'large.csv', `First name,Last name,Username,Email,Ward\n${rows.join('')}`);
    await page.evaluate(() => {
      window.tasks = [];
      new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    });
    await check(at.ada, 120_000);
    assert.deepEqual(await figures(page), { rows: 100_000, ready: 99_900, wrong: 100 });
    const tasks = await page.evaluate(() => window.tasks);
    const speed = await page.locator('.stats > div').nth(3).innerText();
    console.log(`100,000 rows in ${speed.replace('\n', ', ')}; tasks of the page over 50 ms meanwhile: ${tasks.join(', ') || 'none'}`);
    // The target is 50 ms. The test build is not optimized and about ten times slower, on a machine that may be busy: two
    // tasks, which draw the step and then the grid, may take half a second each. Neither belongs to the check itself.
    assert.ok(tasks.length <= 4 && Math.max(0, ...tasks) <= Number(process.env.LONGEST_TASK ?? 500), `tasks of ${tasks.join(', ')} ms held the page up`);
    assert.equal((await wrongRows(page)).length, 25);
    await button(page, words('next')).click();
    await see(page.getByText(words('range', { first: 26, last: 50, total: 100 })));
  });

  it('no browser reported an unexpected error', () => at.close());
});

describe('a checked file is uploaded, planned, applied and undone', () => {
  const at = fixture([member('Bram', 'Weiß'), member('Cleo', 'Adler')]);
  const people = csv(
    ['First name', 'Last name', 'Username', 'Email', 'Phone'],
    ['Marty', 'McFly', 'marty.mcfly', 'marty@imported.example', ''],
    ['Zoë', 'Åström', 'harbor.zone', 'zoe@imported.example', ''],
    ['Omar', 'Khan', 'opal.river', 'omar.imported.example', ''],
    ['Left', 'Over', 'brass.kite', 'left@imported.example', 'none'],
    ['Bram', 'Weiß', '', 'bram@crowd.example', '+49 30 1234567'],
  );
  let address;

  it('before the first import, the list of imports says what to do', async () => {
    const { page } = at.ada;
    await at.ada.open(`/i/${founder.slug}/imports`);
    await see(page.getByRole('heading', { name: words('none_title'), exact: true }));
    await checkPage(at.ada, 'imports none');
    await page.getByRole('main').getByRole('link', { name: words('new'), exact: true }).click();
    await see(page.getByRole('heading', { name: words('title'), exact: true }));
  });

  it('the file is uploaded with its corrections, and the plan covers each row', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', people);
    await page.getByLabel(words('mode'), { exact: true }).selectOption('both');
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 5, ready: 2, wrong: 3 });
    await cell(page, 'email', 3).fill('omar@imported.example');
    await figure(page, 'ready', 3);
    await button(page, words('propose_singular')).click();
    await figure(page, 'ready', 4);
    await button(page, words('leave_out_singular')).click();
    await figure(page, 'wrong', 0);
    await see(page.getByText(words('ready_and_left_out', { count: 1 })));
    // Rows that were skipped by mistake are included again, all at once.
    await page.locator('.kinds button').filter({ hasText: words('left_out') }).click();
    await button(page, words('take_in_singular')).click();
    await figure(page, 'wrong', 1);
    await button(page, words('leave_out_singular')).click();
    await figure(page, 'wrong', 0);
    await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, words('upload_plural', { count: 4 })).click()]);
    await at.ada.alive();
    address = page.url();
    await see(page.getByText(words('state_planned'), { exact: true }));
    for (const [list, count] of [['list_invite', 3], ['list_update', 1], ['list_refused', 0], ['list_left_out', 1]]) {
      await see(verdict(page, list).filter({ hasText: String(count) }));
    }
    await checkPage(at.ada, 'import plan');
  });

  it('each list of the plan opens and is in the URL', async () => {
    const { page } = at.ada;
    await verdict(page, 'list_update').click();
    await page.waitForURL(/rows=update/);
    await see(page.getByRole('row').filter({ hasText: 'bram@crowd.example' }).filter({ hasText: '+49301234567' }));
    await verdict(page, 'list_invite').click();
    for (const email of ['marty', 'zoe', 'omar']) await see(page.getByRole('row').filter({ hasText: `${email}@imported.example` }));
  });

  it('another browser without JavaScript shows the same', async () => {
    const who = await at.signedIn(founder.email, { javaScriptEnabled: false, viewport: phone });
    await who.open(`${address}?rows=left_out`);
    await see(who.page.getByText('left@imported.example'));
    await see(button(who.page, words('apply_both', { invite: 3, update: 1 })));
    await assertFits(who.page);
  });

  it('applying invites the people in the file and creates the report', async () => {
    const { page } = at.ada;
    await button(page, words('apply_both', { invite: 3, update: 1 })).click();
    await see(page.getByText(words('state_done'), { exact: true }));
    await see(verdict(page, 'list_invited').filter({ hasText: '3' }));
    await see(page.getByRole('link', { name: words('report'), exact: true }));
    await checkPage(at.ada, 'import done');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: words('report'), exact: true }).click()]);
    const text = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
    assert.match(text, /Result/);
    await openList(at.ada, users);
    for (const name of ['Marty McFly', 'Zoë Åström', 'Omar Khan']) await see(row(page, name).getByText(word('common.state_pending'), { exact: true }));
    await at.muster.mail.to('omar@imported.example');
  });

  it('the import can be opened from the list and undone', async () => {
    const { page } = at.ada;
    await at.ada.open(`/i/${founder.slug}/imports`);
    await checkPage(at.ada, 'imports');
    await Promise.all([page.waitForURL(address), page.getByRole('link', { name: 'people.csv' }).click()]);
    await button(page, words('undo')).click();
    await see(page.getByRole('dialog').getByText(words('undo_text')));
    await button(page.getByRole('dialog'), words('undo_confirm')).click();
    await see(page.getByText(words('state_undone'), { exact: true }));
    await see(page.getByText(words('undone_plural', { count: 4 })));
    await see(verdict(page, 'list_had_invited').filter({ hasText: '3' }));
    await checkPage(at.ada, 'import undone');
    await openList(at.ada, users);
    await row(page, 'Marty McFly').waitFor({ state: 'detached' });
  });

  it('an interrupted upload continues with the missing parts', async () => {
    const { page, context } = at.ada;
    const large = `First name,Last name,Email\n${Array.from({ length: 60_000 }, (_, n) => `Person${n},Family${n},person${n}.of.a.rather.long.address.so.that.there.are.parts@imported.example\n`).join('')}`;
    await openImport(at.ada);
    await choose(at.ada, 'large.csv', large);
    await check(at.ada, 60_000);
    const sent = [];
    at.ada.allow(404);
    await context.route(/\/parts\/\d+$/, (route) => {
      const number = Number(route.request().url().split('/').at(-1));
      sent.push(number);
      return number === 1 && sent.filter((it) => it === 1).length === 1 ? route.fulfill({ status: 404 }) : route.continue();
    });
    const upload = button(page, words('upload_plural', { count: '60,000' }));
    await upload.click();
    await see(page.getByText(words('not_uploaded')));
    await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), upload.click()]);
    await at.ada.alive();
    assert.deepEqual(sent.toSorted(), [0, 1, 1, 2, 3, 4, 5], 'only what is missing is sent again');
    await page.locator('.head .chip').getByText(words('state_planned'), { exact: true }).waitFor({ timeout: 60_000 });
    await button(page, words('discard')).click();
    await button(page.getByRole('dialog'), words('discard_confirm')).click();
    await see(page.getByText(words('state_discarded'), { exact: true }));
    await see(page.getByText(words('discarded')));
    assert.equal(await page.locator('.verdicts').isVisible(), false);
  });

  it('no browser reported an unexpected error', () => at.close());
});

describe('accounts are created with temporary passwords', () => {
  const at = fixture([]);
  let details;

  it('usernames are suggested if the file has none, and login details are mailed', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv(['First name', 'Last name', 'Email'], ['Omar', 'Khan', 'omar@imported.example']));
    await page.getByLabel(words('access'), { exact: true }).selectOption('passwords');
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 1, ready: 0, wrong: 1 });
    await button(page, words('propose_singular')).click();
    await figure(page, 'ready', 1);
    await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, words('upload_singular')).click()]);
    await at.ada.alive();
    await see(verdict(page, 'list_accounts').filter({ hasText: '1' }));
    await button(page, words('apply_accounts_singular')).click();
    await see(verdict(page, 'list_accounts_made').filter({ hasText: '1' }));
    const mail = await at.muster.mail.to('omar@imported.example');
    const said = (name) => mail.text.match(new RegExp(`${word(`mail.login_details.${name}`)}: (\\S+)`))[1];
    details = { username: said('username'), password: said('password') };
    for (const said of Object.values(details)) assert.ok(mail.copied.includes(said), `the HTML part says ${said}`);
    await openList(at.ada, users);
    await row(page, 'Omar Khan').getByRole('link').first().click();
    await see(page.getByText(word('users.step_details_sent'), { exact: true }));
    await see(page.getByText(word('users.step_signs_in'), { exact: true }));
  });

  it('on a phone the first sign-in asks for a new password and then opens Home', async () => {
    const who = await at.somebody({ viewport: phone });
    const { page } = who;
    await signIn(who, details.username, details.password, /\/new-password$/);
    await see(page.getByRole('heading', { name: word('session.choose_title'), exact: true }));
    await assertFits(page);
    await checkPage(who, 'new password');
    await who.open(`/i/${founder.slug}`);
    assert.equal(new URL(page.url()).pathname, '/new-password', 'nothing else before it');
    who.allow(422);
    await page.getByLabel(word('session.new_password'), { exact: true }).fill(details.password);
    await button(page, word('session.reset_submit')).click();
    await see(page.getByText(word('common.password_mailed')));
    await page.getByLabel(word('session.new_password'), { exact: true }).fill('nine slow herons at noon');
    await Promise.all([page.waitForURL(/\/i\//), button(page, word('session.reset_submit')).click()]);
    await who.alive();
    await openList(at.ada, users);
    await see(row(at.ada.page, 'Omar Khan').getByText(word('common.state_active'), { exact: true }));
  });

  it('no browser reported an unexpected error', () => at.close());
});

describe('an import with JavaScript off', () => {
  const at = fixture([], { javaScriptEnabled: false });

  it('the page says that the check needs JavaScript and shows no unusable buttons', async () => {
    const { page } = at.ada;
    await at.ada.open(`/i/${founder.slug}/imports/new`);
    // Playwright does not read text in noscript.
    await see(page.locator('noscript .banner'));
    const said = await page.locator('noscript .banner').innerText();
    assert.ok(said.includes(words('no_script_title')) && said.includes(`--institution ${founder.slug}`), said);
    assert.equal(await page.locator('.drop').isVisible(), false);
    await at.close();
  });
});
