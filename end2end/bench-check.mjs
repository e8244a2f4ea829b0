// `make bench-check`: Muster's web worker and PapaParse, in a worker with the same checks in JavaScript, check a file in
// Chromium alternately. Also measures how long the page is blocked. node bench-check.mjs [MEGABYTES]
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { see, setUp } from './actions.mjs';
import { closeBrowser, theBrowser } from './browser.mjs';
import { check, openImport, target } from './import.mjs';
import { people } from './import-run.mjs';
import { median, printFigures } from './load.mjs';
import { person } from './people.mjs';
import { startMuster } from './server.mjs';
import { word } from './translations.mjs';

const megabytes = Number(process.argv[2] || 100);
const PAIRS = Number(process.env.PAIRS || 5);
const site = process.env.SITE_FOLDER;
const MISTAKE_EVERY = 1000;
const options = { mode: 'add', match_by: 'email', clear: null, access: 'invite', send: 'now', applying: 'row_by_row', role: '01980000-0000-7000-8000-000000000001' };

const folder = await mkdtemp(path.join(os.tmpdir(), 'muster-bench-'));
try {
  const file = path.join(folder, 'people.csv');
  const rows = await write(file);
  const pairs = await inTurn(file, rows);
  const page = await heldUp(file, rows);
  print(rows, (await stat(file)).size, pairs, page);
} finally {
  await closeBrowser();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

// One row in a thousand has a mistake; the kinds alternate.
async function write(to) {
  const mistakes = [
    (row) => row.replace(/^kes/, 'k s'),
    (row) => row.replace(/^[^,]*/, 'kes'),
    (row) => row.replace(/^([^,]*),([^,]*),([^,]*)/, (_, _name, first, last) => `x${last}77,${first},${last}`),
    (row) => row.replace(/^[^.]*/, 'admin12'),
    (row) => row.replace('@imported', '.imported'),
    (row) => row.replace(/person\d+/, 'person0'),
    (row) => row.replace('+49', '0049'),
    (row) => row.replace(/,"[^"]*"$/, ''),
    (row) => row.replace(/^([^,]*),[^,]*/, '$1,'),
    (row) => row.replace('imported.example', 'imported'),
  ];
  const handle = await open(to, 'w');
  const wanted = megabytes * 1e6;
  const block = 50_000;
  let written = 0;
  let rows = 0;
  while (written < wanted) {
    const lines = people(block, rows).toString().trimEnd().split('\r\n').slice(1);
    for (let at = MISTAKE_EVERY - 1; at < block; at += MISTAKE_EVERY) lines[at] = mistakes[((rows + at) / MISTAKE_EVERY | 0) % mistakes.length](lines[at]);
    const header = rows === 0 ? 'username,first name,last name,email,phone,department\r\n' : '';
    const text = Buffer.from(`${header}${lines.join('\r\n')}\r\n`);
    await handle.write(text);
    written += text.length;
    rows += block;
  }
  await handle.close();
  return rows;
}

async function inTurn(file, rows) {
  const types = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
  const own = path.join(import.meta.dirname, 'check-bench');
  const places = { '/': path.join(own, 'page.html'), '/papa-worker.js': path.join(own, 'papa-worker.js'), '/papaparse.js': path.join(import.meta.dirname, 'node_modules', 'papaparse', 'papaparse.min.js') };
  const server = createServer(({ url }, answer) => {
    const from = places[url] ?? path.join(site, path.normalize(url));
    const stream = createReadStream(from);
    stream.once('open', () => answer.writeHead(200, { 'content-type': types[path.extname(from)] ?? 'text/plain' }));
    stream.once('error', () => answer.writeHead(404).end());
    stream.pipe(answer);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const page = await (await theBrowser()).newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.locator('input').setInputFiles(file);
  const pairs = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const run = { ours: () => page.evaluate((it) => ours(it), options), papa: () => page.evaluate(() => papa()) };
    const both = {};
    for (const one of pair % 2 ? ['papa', 'ours'] : ['ours', 'papa']) both[one] = await run[one]();
    const { ready, wrong } = both.papa.counts;
    assert.deepEqual([both.ours.counts.rows, both.ours.counts.ready, both.ours.counts.wrong], [rows, ready, wrong], 'both come to the same verdicts');
    console.log(`${rows} rows: ${(both.ours.ms / 1000).toFixed(2)} s, PapaParse ${(both.papa.ms / 1000).toFixed(2)} s; ${wrong} wrong`);
    pairs.push(both);
  }
  await page.close();
  server.close();
  return pairs;
}

// Measures the real page, with its grid and progress, while the file is checked.
async function heldUp(file, rows) {
  const muster = await startMuster();
  const who = await person(muster.origin, {});
  try {
    await setUp(who, muster);
    await openImport(who);
    const { page } = who;
    await page.locator('.drop input').setInputFiles(file);
    await see(page.getByRole('heading', { name: word('imports.columns_title'), exact: true }));
    await target(page, 'department').selectOption('attribute');
    const cdp = await page.context().newCDPSession(page);
    const tasks = [];
    cdp.on('Tracing.dataCollected', ({ value }) => tasks.push(...value));
    await page.evaluate(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
    });
    await cdp.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel', '__metadata'] }, transferMode: 'ReportEvents' });
    await check(who, 300_000);
    const ended = new Promise((complete) => cdp.once('Tracing.tracingComplete', complete));
    await cdp.send('Tracing.end');
    await ended;
    const shown = Number((await page.locator('.stats > div').first().locator('strong').innerText()).replaceAll(/\D/g, ''));
    assert.equal(shown, rows, 'all rows were checked');
    const long = await page.evaluate(() => window.longTasks);
    const mains = new Set(tasks.filter((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain').map((event) => `${event.pid} ${event.tid}`));
    const own = tasks.filter((event) => event.ph === 'X' && mains.has(`${event.pid} ${event.tid}`));
    const longest = (of) => Math.max(0, ...own.map((event) => (event[of] ?? 0) / 1000));
    return { long, longest: longest('dur'), busiest: longest('tdur') };
  } finally {
    await who.close();
    await muster.stop();
  }
}

function print(rows, bytes, pairs, page) {
  const ratios = pairs.map(({ ours, papa }) => papa.ms / ours.ms);
  const ours = pairs.map((pair) => pair.ours.ms);
  const papa = pairs.map((pair) => pair.papa.ms);
  const longest = Math.max(page.longest, ...page.long);
  printFigures(
    [
      { name: 'check_vs_papaparse', value: median(ratios), aim: ['>=', 5], spread: ratios, about: 'PapaParse in a worker with the same checks in JavaScript ÷ Muster’s worker' },
      { name: 'check_ms', value: median(ours), spread: ours, about: 'Muster’s worker' },
      { name: 'check_papaparse_ms', value: median(papa), spread: papa, about: 'PapaParse’s' },
      { name: 'check_rows_per_s', value: rows / (median(ours) / 1000), about: 'rows read and judged a second' },
      { name: 'check_longest_task_ms', value: longest, aim: ['<=', 50], about: `longest task of the page’s main thread while its file is checked; ${page.long.length} over 50 ms` },
      { name: 'check_longest_task_cpu_ms', value: page.busiest, about: 'the most processor time of one such task: less than the above where others compute too' },
    ],
    `${(bytes / 1e6).toFixed(0)} MB, ${rows.toLocaleString('en')} rows`,
  );
}
