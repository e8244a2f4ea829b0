// `make bench-page`, after the build: node bench-page.mjs FOLDER YARDSTICK, the folder with the data set and the baseline.
// Each figure is a ratio to a baseline that does the least possible work and runs alternately with it.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { startCrowd } from './large-fixture.mjs';
import { get, load, median, percentile, printFigures } from './load.mjs';
import { phoneTimes } from './mobile-metrics.mjs';

const [folder, yardstick] = process.argv.slice(2);
const PAIRS = 7;
const SEARCHES = 1000;
const figures = [];
// `aim` is the target: ['>=', 0.5].
function figure(name, value, aim, about, spread) {
  figures.push({ name, value, aim, about, spread });
}

const crowd = await startCrowd(folder);
let yard;
try {
  yard = await startYard();
  await page();
  await search();
  await keyset();
  await phone();
} finally {
  yard?.child.kill('SIGKILL');
  await crowd.stop();
}
printFigures(figures, '1,000,000 users beside 10,000 institutions');

async function startYard() {
  const file = path.join(folder, 'page.html');
  await writeFile(file, await get(`${crowd.origin}/i/big/users`, crowd.cookie));
  const child = spawn(yardstick, { env: { PATH: process.env.PATH, DATABASE_URL: crowd.databaseUrl, PAGE: file, SESSION: crowd.session }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [origin] = await new Promise((resolve, reject) => {
    readline.createInterface({ input: child.stdout }).once('line', (line) => resolve([line]));
    child.once('exit', (code) => reject(new Error(`the yardstick ended with ${code}`)));
  });
  return { origin, child };
}

// Returns the requests per second and core, for server and database together. The load comes from another process, which
// is not counted.
async function page() {
  const product = { url: `${crowd.origin}/i/big/users`, cookie: crowd.cookie, pid: crowd.pid, postmaster: crowd.postmaster };
  const bare = { url: `${yard.origin}/i/big/users`, pid: yard.child.pid, postmaster: crowd.postmaster };
  for (const one of [product, bare]) await load(one, 300);
  const pairs = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const [one, other] = [await load(product, 800), await load(bare, 800)];
    pairs.push({ one, other });
  }
  const ratio = (of) => pairs.map(({ one, other }) => of(one) / of(other));
  figure('page_vs_static', median(ratio((run) => run.perCore)), ['>=', 0.5], 'users page of 1,000,000, requests a core-second ÷ its SQL and the same bytes', ratio((run) => run.perCore));
  figure('page_vs_static_server', median(ratio((run) => run.perServerCore)), null, 'the same, the server’s processor time alone', ratio((run) => run.perServerCore));
  figure('page_per_core_s', median(pairs.map(({ one }) => one.perCore)), null, 'users pages a core-second, server and database', pairs.map(({ one }) => one.perCore));
  figure('page_p99_ms', median(pairs.map(({ one }) => one.p99)), null, 'p99 under 8 connections that never pause', pairs.map(({ one }) => one.p99));
}

async function search() {
  const terms = await crowd.terms(SEARCHES);
  const times = { product: [], bare: [] };
  const product = async (q) => times.product.push(await crowd.call('users', { slug: 'big', query: { q } }));
  const bare = async (q) => times.bare.push(Number(await get(`${yard.origin}/search?q=${encodeURIComponent(q)}`)) / 1000);
  // The first one alternates in every second round of the eight kinds of terms, because the second one finds a warm
  // cache.
  for (const [n, q] of terms.entries()) {
    for (const one of Math.floor(n / 8) % 2 ? [product, bare] : [bare, product]) await one(q);
  }
  const [slow, slowSql] = [percentile(times.product, 99), percentile(times.bare, 99)];
  figure('search_vs_sql', slow / slowSql, ['<=', 2], `p99 of ${SEARCHES} searches over 1,000,000 users ÷ their SQL alone`);
  figure('search_p99_ms', slow, null, 'p99 of a search');
  figure('search_p50_ms', median(times.product), null, 'median of a search');
  figure('search_sql_p99_ms', slowSql, null, 'p99 of its SQL');
}

async function keyset() {
  const after = await crowd.place(9_999 * 50);
  const times = { first: [], far: [] };
  for (let time = 0; time < 400; time += 1) {
    times.first.push(await crowd.call('users', { slug: 'big', query: {} }));
    times.far.push(await crowd.call('users', { slug: 'big', query: { after } }));
  }
  figure('keyset_far_vs_first', median(times.far) / median(times.first), ['<=', 1.2], 'page 10,000 ÷ page 1, medians of 400 in turn');
}

async function phone() {
  for (const [what, { lcp, inp }] of Object.entries(await phoneTimes(crowd))) {
    figure(`${what}_lcp_ms`, median(lcp), ['<=', 625], `largest contentful paint of the ${what} page, 390 px, processor 4 × slower`, lcp);
    figure(`${what}_inp_ms`, Math.max(...inp), ['<=', 50], `slowest interaction of all runs with the ${what} page, likewise`, inp);
  }
}
