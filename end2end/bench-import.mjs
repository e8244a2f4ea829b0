// `make bench-import`: measures imports from the first byte of the upload to the last row, alternately with `\copy` of the
// same rows into the same tables and with django-import-export; into a full table; the response times of pages during an
// import; and the cost of a kill half way. node bench-import.mjs CROWD, the folder with the data set of `bench-page`.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { copyCrowd, startCrowd } from './large-fixture.mjs';
import { caller, imported, people, signedUp, silentMail } from './import-run.mjs';
import { byDjango, copied, twin } from './import-yardsticks.mjs';
import { median, paced, percentile, printFigures } from './load.mjs';
import { startMuster } from './server.mjs';

const [crowdFolder] = process.argv.slice(2);
const numbers = (text) => text.split(/[\s,]+/).filter(Boolean).map(Number);
const sizes = numbers(process.env.ROWS || '300 10000 100000 1000000');
const PARTS = (process.env.PARTS || 'sizes full kill').split(/\s+/);
// For a million rows, and everything else that takes minutes, the default is one run.
const pairsOf = (rows) => Number(rows > 200_000 ? process.env.LARGE_PAIRS || 1 : process.env.PAIRS || 5);
const DJANGO_ROWS = Number(process.env.DJANGO_ROWS || 100_000);
const DJANGO_PAIRS = Number(process.env.DJANGO_PAIRS || 3);
const FULL_ROWS = Number(process.env.FULL_ROWS || 100_000);
const KILL_ROWS = Number(process.env.KILL_ROWS || 300_000);
// One institution's administrators do little at once: pages are requested one after another.
const IDLE_PAGES = 400;

const settings = { MUSTER_SMTP_HOST: '127.0.0.1', MUSTER_SMTP_PORT: String(await silentMail()), MUSTER_SMTP_TLS: 'off', MUSTER_SMTP_FROM: 'Muster <muster@example.org>', MUSTER_LOG: 'warn' };
const say = (ms) => `${(ms / 1000).toFixed(2)} s`;
const figures = [];
const figure = (name, values, about, aim) => figures.push({ name, value: median(values), spread: values, about, aim });

const folder = await mkdtemp(path.join(os.tmpdir(), 'muster-bench-'));
// Started by root, Postgres runs as another user, who must be able to enter the folder.
await chmod(folder, 0o755);
try {
  if (PARTS.includes('sizes')) await bySize();
  if (PARTS.includes('full')) await intoFull();
  if (PARTS.includes('kill')) await killed();
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}
printFigures(figures, `imports of ${sizes.map((rows) => rows.toLocaleString('en')).join(', ')} people`);
process.exit(0);

async function fresh(work) {
  const muster = await startMuster({ env: settings });
  try {
    return await work(muster, await signedUp(muster));
  } finally {
    await muster.stop();
  }
}

async function bySize() {
  const runs = {};
  for (const rows of sizes) {
    runs[rows] = [];
    for (let pair = 0; pair < pairsOf(rows); pair += 1) runs[rows].push(await pairOf(rows, rows === DJANGO_ROWS && pair < DJANGO_PAIRS));
    const all = (pick) => runs[rows].map(pick);
    const of = `${rows.toLocaleString('en')} people`;
    figure(`import_${rows}_ms`, all((run) => run.ms), `${of}, from the first byte of the upload to the last row`, rows === 300 ? ['<=', 100] : undefined);
    for (const phase of ['upload', 'plan', 'apply']) figure(`import_${rows}_${phase}_ms`, all((run) => run[phase]), `of it: ${{ upload: 'the upload', plan: 'the check and the plan', apply: 'the writing' }[phase]}`);
    figure(`import_${rows}_vs_copy`, all((run) => run.ms / run.copy), `${of} ÷ \`\\copy\` of the same rows into the same tables`, rows === 1_000_000 ? ['<=', 1.5] : undefined);
    figure(`import_${rows}_rows_per_s`, all((run) => rows / (run.ms / 1000)), 'rows a second');
    figure(`import_${rows}_mb`, all((run) => run.memory), 'peak memory of the server, MB');
  }
  const [small, middle, large] = [10_000, 100_000, 1_000_000].map((rows) => runs[rows]);
  if (middle && large) figure('import_linear', [median(large.map((run) => run.ms)) / median(middle.map((run) => run.ms))], '1,000,000 ÷ 100,000', ['<=', 11]);
  if (small && large) figure('import_rss', [median(large.map((run) => run.memory)) / median(small.map((run) => run.memory))], 'peak memory at 1,000,000 ÷ at 10,000', ['<=', 1.1]);
  const beside = (runs[DJANGO_ROWS] ?? []).filter((run) => run.django);
  if (beside.length > 0) {
    figure('import_vs_django', beside.map((run) => run.django / run.ms), `django-import-export of ${DJANGO_ROWS.toLocaleString('en')} people into one plain table ÷ Muster`, ['>=', 30]);
    figure('import_vs_django_without_lookups', beside.map((run) => run.djangoWithout / run.ms), 'the same without its look-ups', ['>=', 6]);
    figure('django_rows_per_s', beside.map((run) => DJANGO_ROWS / (run.django / 1000)), 'its rows a second');
    figure('django_without_lookups_rows_per_s', beside.map((run) => DJANGO_ROWS / (run.djangoWithout / 1000)), 'without its look-ups');
  }
}

async function pairOf(rows, beside) {
  return fresh(async (muster, call) => {
    // A few hundred people are imported on a warm server, as in an office.
    if (rows <= 1000) await imported(call, 'bench', people(rows, rows), rows);
    await twin(muster, folder);
    const file = people(rows);
    const run = await imported(call, 'bench', file, rows);
    run.memory = Number((await readFile(`/proc/${muster.pid()}/status`, 'utf8')).match(/VmHWM:\s+(\d+)/)[1]) / 1024;
    run.copy = await copied(muster, folder, rows);
    let said = `${rows} rows: ${say(run.ms)} (upload ${say(run.upload)}, plan ${say(run.plan)}, apply ${say(run.apply)}), \\copy ${say(run.copy)}, ${run.memory.toFixed(0)} MB`;
    if (beside) {
      const to = path.join(folder, 'people.csv');
      await writeFile(to, file);
      run.django = await byDjango(muster, to, false);
      run.djangoWithout = await byDjango(muster, to, true);
      said += `, django-import-export ${say(run.django)}, without look-ups ${say(run.djangoWithout)}`;
    }
    console.log(said);
    return run;
  });
}

// Imports into an institution of a million, one of 10,001, alternately with an empty one; also measures the pages.
async function intoFull() {
  const copy = path.join(folder, 'crowd');
  await copyCrowd(crowdFolder, copy);
  const crowd = await startCrowd(copy, settings);
  try {
    const call = caller(crowd.origin);
    call.keep(crowd.cookie.split('; '));
    const page = { url: `${crowd.origin}/i/big/users`, cookie: crowd.cookie };
    await paced(page, (asked) => asked >= 50);
    const pairs = [];
    for (let pair = 0; pair < Math.min(3, pairsOf(FULL_ROWS)); pair += 1) {
      const empty = await fresh((_, caller) => imported(caller, 'bench', people(FULL_ROWS), FULL_ROWS));
      const full = await imported(call, 'big', people(FULL_ROWS, 10_000_000 + pair * FULL_ROWS), FULL_ROWS);
      const idle = await paced(page, (asked) => asked >= IDLE_PAGES);
      let over = false;
      const importing = imported(call, 'big', people(FULL_ROWS, 20_000_000 + pair * FULL_ROWS), FULL_ROWS).finally(() => (over = true));
      const busy = await paced(page, () => over);
      await importing;
      const [p99, p99Idle] = [percentile(busy, 99), percentile(idle, 99)];
      console.log(`${FULL_ROWS} rows into 1,000,000: ${say(full.ms)}, into none: ${say(empty.ms)}; a page's p99 ${p99.toFixed(1)} ms over ${busy.length} meanwhile, ${p99Idle.toFixed(1)} ms idle`);
      pairs.push({ full: full.ms, empty: empty.ms, p99, p99Idle });
    }
    figure('import_into_full', pairs.map((pair) => pair.full / pair.empty), `${FULL_ROWS.toLocaleString('en')} people into 1,000,000 ÷ into none`, ['<=', 1.5]);
    figure('page_during_import', pairs.map((pair) => pair.p99 / pair.p99Idle), 'p99 of the users page of 1,000,000 during an import ÷ idle', ['<=', 2]);
    figure('page_during_import_p99_ms', pairs.map((pair) => pair.p99), 'the former');
    figure('page_idle_p99_ms', pairs.map((pair) => pair.p99Idle), 'the latter');
  } finally {
    await crowd.stop();
  }
}

// Kills the server when half is written, and restarts it.
async function killed() {
  const pairs = [];
  for (let pair = 0; pair < pairsOf(KILL_ROWS); pair += 1) {
    const whole = await fresh((_, call) => imported(call, 'bench', people(KILL_ROWS), KILL_ROWS));
    let restart;
    const cut = await fresh((muster, call) =>
      imported(call, 'bench', people(KILL_ROWS), KILL_ROWS, async (id) => {
        while ((await call('import_view', { slug: 'bench', id })).progress < KILL_ROWS / 2) await new Promise((later) => setTimeout(later, 50));
        const from = performance.now();
        await muster.cut();
        restart = performance.now() - from;
      }),
    );
    console.log(`${KILL_ROWS} rows: ${say(whole.ms)}, killed at half ${say(cut.ms)}, of which ${say(restart)} until it answered again`);
    pairs.push({ ratio: (cut.ms - restart) / whole.ms, restart });
  }
  figure('import_killed', pairs.map((pair) => pair.ratio), `${KILL_ROWS.toLocaleString('en')} people, killed with SIGKILL at half, without the restart ÷ undisturbed`, ['<=', 1.1]);
  figure('restart_ms', pairs.map((pair) => pair.restart), 'from the kill to the first answer');
}
