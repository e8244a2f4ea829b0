// What is uploaded is what was checked: nothing changes during an upload, and if something disappears the page says so.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { button, see } from './actions.mjs';
import { closeBrowser } from './browser.mjs';
import { cell, check, choose, csv, figures, openImport, target } from './import.mjs';
import { eventually } from './server.mjs';
import { fixture } from './fixtures.mjs';
import { word } from './translations.mjs';

const words = (key, values) => word(`imports.${key}`, values);
const headers = ['First name', 'Last name', 'Email', 'Ward'];
const named = (name) => [name, 'Diaz', `${name.toLowerCase()}@imported.example`, '7'];

after(closeBrowser);

// Uploads the checked file and waits for the plan.
async function plan(who) {
  const { page } = who;
  await Promise.all([page.waitForURL(/\/imports\/[0-9a-f-]{36}$/), button(page, words('upload_singular')).click()]);
  await who.alive();
  await see(page.getByText(words('state_planned'), { exact: true }));
}

// Holds every request to a matching address; returns their number and a function that releases them.
async function held(context, address) {
  let asked = 0;
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await context.route(address, async (route) => {
    asked += 1;
    await released;
    await route.continue();
  });
  return { asked: () => asked, release };
}

describe('an upload', () => {
  const at = fixture([]);

  it('roles are recognized by their names in every language, as on the server', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    const role = (name, language) => [...named(name).slice(0, 3), word('roles.basic', {}, language)];
    await choose(at.ada, 'people.csv', csv([...headers.slice(0, 3), 'Role'], role('Ana', 'en'), role('Bo', 'de'), [...named('Cy').slice(0, 3), 'Emperor']));
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 3, ready: 2, wrong: 1 });
  });

  it('locks the checked file: nothing can be changed until it is finished', async () => {
    const { page, context } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv(headers, named('Ana'), ['Bo', 'Ek', 'nowhere', '7']));
    await check(at.ada);
    const parts = await held(context, /\/parts\/\d+$/);
    await button(page, words('upload_singular')).click();
    await eventually('the first part', async () => parts.asked() > 0);
    const back = page.getByRole('button', { name: words('back_to_columns') });
    const out = page.getByRole('button', { name: words('leave_out_row', { row: 2 }), exact: true });
    for (const stopped of [back, out]) {
      assert.equal(await stopped.getAttribute('aria-disabled'), 'true');
      await stopped.click({ force: true });
    }
    await see(back.getByText(words('why_uploading')));
    assert.ok(!(await cell(page, 'email', 2).isEditable()));
    assert.deepEqual(await figures(page), { rows: 2, ready: 1, wrong: 1 });
    parts.release();
    await page.waitForURL(/\/imports\/[0-9a-f-]{36}$/);
    await at.ada.alive();
    await see(page.getByText(words('state_planned'), { exact: true }));
    await context.unroute(/\/parts\/\d+$/);
  });

  it('fails if the file has changed, and another file can be uploaded', async () => {
    const { page } = at.ada;
    await openImport(at.ada);
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-e2e-gone-'));
    const file = path.join(folder, 'people.csv');
    try {
      const chooseFile = async (name) => {
        await writeFile(file, csv(headers, named(name)));
        await page.locator('.drop input').setInputFiles(file);
        await see(page.getByRole('heading', { name: words('columns_title'), exact: true }));
        await check(at.ada);
      };
      await chooseFile('Cleo');
      await writeFile(file, csv(headers, named('Dora'), named('Emil')));
      await button(page, words('upload_singular')).click();
      await see(page.getByText(words('gone')));
      await chooseFile('Finn');
      await plan(at.ada);
      await see(page.getByRole('row').filter({ hasText: 'Finn Diaz' }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('uses the columns that were checked, although others are remembered', async () => {
    const { page, context } = at.ada;
    await openImport(at.ada);
    await choose(at.ada, 'people.csv', csv(headers, named('Gil')));
    await target(page, 'Ward').selectOption('attribute');
    await check(at.ada);
    await plan(at.ada);
    // It is remembered now; the answer arrives after the file was checked.
    await openImport(at.ada);
    const answers = await held(context, /\/rpc\/remembered_mapping$/);
    const answered = page.waitForResponse(/\/rpc\/remembered_mapping$/);
    await choose(at.ada, 'people.csv', csv(headers, named('Hal')));
    assert.equal(await target(page, 'Ward').inputValue(), 'left_out');
    await check(at.ada);
    answers.release();
    await (await answered).finished();
    const begun = page.waitForRequest(/\/rpc\/begin_import$/);
    await plan(at.ada);
    assert.equal((await begun).postDataJSON().draft.mapping.targets[3], 'left_out');
    await context.unroute(/\/rpc\/remembered_mapping$/);
  });

  it('columns mapped by hand are kept, whatever is remembered and with any encoding', async () => {
    const { page, context } = at.ada;
    await openImport(at.ada);
    const answers = await held(context, /\/rpc\/remembered_mapping$/);
    const answered = page.waitForResponse(/\/rpc\/remembered_mapping$/);
    await choose(at.ada, 'people.csv', csv(headers, named('Ida')));
    await target(page, 'Ward').selectOption('phone');
    answers.release();
    await (await answered).finished();
    await page.getByLabel(words('encoding'), { exact: true }).selectOption('windows1252');
    await see(page.getByText(words('chosen'), { exact: true }));
    assert.equal(await target(page, 'Ward').inputValue(), 'phone');
    await context.unroute(/\/rpc\/remembered_mapping$/);
  });

  it('no browser reported an unexpected error', () => at.close());
});

describe('a check that fails', () => {
  const at = fixture([]);

  it('reports the failure, and another check can be started', async () => {
    const { page, context } = at.ada;
    await openImport(at.ada);
    // As after an upgrade of the server: the page does not understand its worker.
    const body = "addEventListener('message', () => postMessage('{\"New\":1}'));";
    await context.route(/\/import-worker\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body }));
    await page.locator('.drop input').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(csv(headers, named('Ana'))) });
    await see(page.getByText(words('broken_title')));
    await context.unroute(/\/import-worker\.js$/);
    await choose(at.ada, 'people.csv', csv(headers, named('Ana')));
    assert.equal(await page.getByText(words('broken_title')).count(), 0);
    await check(at.ada);
    assert.deepEqual(await figures(page), { rows: 1, ready: 1, wrong: 0 });
  });

  it('no browser reported an unexpected error', () => at.close());
});
