// Steps of an import in the browser: choosing a file, checking it, and reading figures and rows from the page.
import assert from 'node:assert/strict';
import { founder, see } from './actions.mjs';
import { word } from './translations.mjs';

const words = (key, values) => word(`imports.${key}`, values);

export const csv = (...rows) => `${rows.map((row) => row.join(',')).join('\n')}\n`;

// Usernames that contain the name, are too short or repeated; invalid and repeated addresses; a row with too few fields.
export const messy = csv(
  ['First Name [Required]', 'Last Name [Required]', 'Login', 'Email Address', 'Department'],
  ['Marty', 'McFly', 'marty.mcfly', 'marty@imported.example', 'Repairs'],
  ['Zoë', 'Åström', 'za', 'zoe@imported.example', 'Ward 7'],
  ['Omar', 'Khan', 'opal.river', 'omar.imported.example', 'Ward 7'],
  ['Pia', 'Quist', 'kestrel90', 'pia@imported.example', 'Ward 2'],
  ['Pio', 'Quint', 'Kestrel90', 'pio@imported.example', 'Ward 2'],
  ['Uma', 'Berg', 'quill.orbit', 'uma@imported.example', 'Ward 2'],
  ['Una', 'Bergen', 'sable.2040', 'UMA@imported.example', 'Ward 2'],
  ['Ines', 'Duarte', '', 'ines@imported.example', 'Ward 2'],
  ['Too', 'Few'],
);

export async function openImport(who) {
  await who.open(`/i/${founder.slug}/imports/new`);
  await who.page.locator('.drop input:not([disabled])').waitFor({ state: 'attached' });
}

// Chooses a file and waits until its columns are shown.
export async function choose(who, name, content) {
  await who.page.locator('.drop input').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  await see(who.page.getByRole('heading', { name: words('columns_title'), exact: true }));
}

// Returns the field that sets the meaning of a column.
export const target = (page, header) => page.getByLabel(words('becomes_of', { header }), { exact: true });

// Checks all rows, and waits for the end.
export async function check(who, timeout = 30_000) {
  await who.page.getByRole('button', { name: words('check') }).click();
  const end = (name) => who.page.locator('.stats').getByText(words(name), { exact: true });
  await end('done').or(end('ended_early')).waitFor({ timeout });
}

const places = { rows: 0, ready: 1, wrong: 2 };
const number = (text) => Number(text.replaceAll(/\D/g, ''));
const shown = (page, name) => page.locator('.stats > div').nth(places[name]).locator('strong');

export async function figures(page) {
  const read = async (name) => [name, number(await shown(page, name).innerText())];
  return Object.fromEntries(await Promise.all(Object.keys(places).map(read)));
}

// Waits until a figure has a value.
export async function figure(page, name, value) {
  const text = value.toLocaleString('en');
  await page
    .waitForFunction(([place, wanted]) => document.querySelectorAll('.stats > div > strong')[place]?.textContent === wanted, [places[name], text])
    .catch(async () => assert.equal(number(await shown(page, name).innerText()), value, name));
}

// Returns the numbers of the rows in the grid.
export const wrongRows = (page) => page.locator('.import-grid tbody .number').allInnerTexts();

// Returns a cell of the grid.
export const cell = (page, column, row) => page.getByLabel(words('cell_of', { column: words(`column_${column}`), row }), { exact: true });

// Returns the link to a list of rows, with its figure.
export const verdict = (page, list) => page.locator('.verdicts a').filter({ hasText: words(list) });
