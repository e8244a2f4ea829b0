// `make bench-import`: a file of people from the first byte of its upload to the last invitation, against `\copy` of the very
// same rows into the very same tables, in turn. node bench-import.mjs [ROWS…], by default 300, 10,000 and 100,000.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { median, send } from './load.mjs';
import { startMuster } from './server.mjs';

const sizes = process.argv.slice(2).map(Number);
const wanted = sizes.length > 0 ? sizes : [300, 10_000, 100_000];
const PART = 4 * 1024 * 1024;
const PAIRS = 5;
// Whatever the import wrote, those that others refer to first. Parts are not among them: they are the file itself.
const TABLES = ['memberships', 'membership_words', 'invitations', 'outbox', 'audit', 'imports', 'import_rows', 'import_chunks'];
// What was there before the import is not copied.
const since = (column) => ` WHERE ${column} > (SELECT min(created_at) FROM muster.imports)`;
const NEW = { memberships: since('created_at'), audit: since('at'), membership_words: ' WHERE membership_id IN (SELECT membership_id FROM muster.import_rows)' };

// A mail server that takes connections and says nothing: mail waits in the outbox, and sending takes no time from importing.
const silent = createServer();
await new Promise((listening) => silent.listen(0, '127.0.0.1', listening));
silent.unref();

const results = {};
for (const rows of wanted) {
  const pairs = rows > 200_000 ? 1 : PAIRS;
  results[rows] = [];
  for (let pair = 0; pair < pairs; pair += 1) results[rows].push(await measure(rows));
}
print();
process.exit(0);

function people(rows) {
  const lines = ['username,first name,last name,email,phone,department'];
  for (let n = 0; n < rows; n += 1) {
    const first = ['Zoë', 'Marty', 'Amara', 'Jean-Luc', 'Ingrid', 'Ömer', 'Li', 'Sofía'][n % 8];
    const last = `${['Berg', 'Castel', 'Dorne', 'Elsner', 'Falk', 'Gruber'][n % 6]}${['son', 'mann', 'ova', 'ski'][(n >> 3) % 4]}`;
    lines.push(`kes${n}.${(n * 7919) % 100_003}q,${first},${last},person${n}@imported.example,+4930${1_000_000 + n},"Ward ${n % 40}, east"`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

async function measure(rows) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'muster-bench-'));
  const muster = await startMuster({ env: { MUSTER_SMTP_PORT: String(silent.address().port), MUSTER_LOG: 'warn' } });
  try {
    const call = await signedUp(muster);
    const tool = muster.database.run;
    // The same tables, with what was there before.
    const before = path.join(folder, 'before.sql');
    await tool('pg_dump', '-d', 'muster', '-f', before);
    await tool('psql', '-d', 'postgres', '-qc', 'CREATE DATABASE yard');
    await tool('psql', '-d', 'yard', '-q', '-v', 'ON_ERROR_STOP=1', '-f', before);

    const file = people(rows);
    const ms = await imported(muster, call, file, rows);
    const memory = Number((await readFile(`/proc/${muster.pid}/status`, 'utf8')).match(/VmHWM:\s+(\d+)/)[1]) / 1024;

    const script = ['BEGIN;', 'SET search_path = muster;'];
    for (const table of TABLES) {
      const columns = await muster.query(
        `SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns
         WHERE table_schema = 'muster' AND table_name = '${table}' AND is_generated = 'NEVER'`,
      );
      const out = path.join(folder, `${table}.copy`);
      await tool('psql', '-d', 'muster', '-qc', `\\copy (SELECT ${columns} FROM muster.${table}${NEW[table] ?? ''}) TO '${out}'`);
      script.push(`ALTER TABLE ${table} DISABLE TRIGGER USER;`, `\\copy ${table} (${columns}) FROM '${out}'`);
    }
    script.push('COMMIT;');
    await writeFile(path.join(folder, 'copy.sql'), script.join('\n'));
    const from = performance.now();
    await tool('psql', '-d', 'yard', '-q', '-v', 'ON_ERROR_STOP=1', '-f', path.join(folder, 'copy.sql'));
    const copy = performance.now() - from;
    const counted = await tool('psql', '-d', 'yard', '-Atc', "SELECT count(*) FROM muster.memberships WHERE status = 'invited'");
    assert.equal(Number(counted), rows, 'the yardstick wrote the same rows');
    console.log(`${rows} rows: ${(ms / 1000).toFixed(2)} s, \\copy ${(copy / 1000).toFixed(2)} s, ${memory.toFixed(0)} MB`);
    return { ms, copy, memory };
  } finally {
    await muster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

// The first institution and its main contact, who is signed in: a caller of server functions.
async function signedUp(muster) {
  const cookies = {};
  const keep = (set = []) => set.forEach((one) => Object.assign(cookies, Object.fromEntries([one.split(';')[0].split(/=(.*)/s).slice(0, 2)])));
  const cookie = () => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
  const call = async (fn, body) => {
    const answer = await send(`${muster.origin}/api/${fn}`, { method: 'POST', headers: { origin: muster.origin, cookie: cookie(), 'content-type': 'application/json' }, body: JSON.stringify(body) });
    keep(answer.headers['set-cookie']);
    return JSON.parse(answer.bytes.toString() || 'null');
  };
  call.cookie = cookie;
  keep((await fetch(muster.setupLink, { redirect: 'manual' })).headers.getSetCookie());
  await call('set_up', {
    draft: {
      institution_name: 'Bench', time_zone: 'Europe/Berlin', language: 'en', first_name: 'Ada', last_name: 'Quill',
      email: 'ada@bench.example', username: 'kestrel.bench', password: 'seven calm rivers at dawn',
    },
  });
  return call;
}

async function imported(muster, call, file, rows) {
  const slug = 'bench';
  const role = (await call('role_choices', { slug })).find((one) => one.usual).id;
  const column = (code) => ({ column: code });
  const draft = {
    file_name: 'people.csv', size: file.length, encoding: 'utf8', delimiter: 'comma', key: randomUUID(), sha256: '',
    mapping: { targets: ['username', 'first_name', 'last_name', 'email', 'phone'].map(column).concat('attribute'), name_order: 'first_last' },
    options: { mode: 'add', match_by: 'email', clear: '', access: 'invite', send: 'now', applying: 'row_by_row', role },
  };
  const from = performance.now();
  const { id } = await call('begin_import', { slug, draft });
  for (let number = 0; number * PART < file.length; number += 1) {
    const part = file.subarray(number * PART, (number + 1) * PART);
    await send(`${muster.origin}/i/${slug}/imports/${id}/parts/${number}`, {
      method: 'POST',
      headers: { origin: muster.origin, cookie: call.cookie(), 'content-encoding': 'gzip', 'x-part-sha256': createHash('sha256').update(part).digest('hex') },
      body: gzipSync(part, { level: 1 }),
    });
  }
  await call('plan_import', { slug, id });
  await until('planned');
  await call('apply_import', { slug, id });
  const done = await until('done');
  assert.deepEqual([done.done.invite, done.done.refused], [rows, 0], JSON.stringify(done.done));
  return performance.now() - from;

  async function until(state) {
    for (;;) {
      const view = await call('import_view', { slug, id });
      if (view.state === state) return view;
      assert.ok(['checking', 'applying'].includes(view.state), `${view.state}: ${JSON.stringify(view.fault)}`);
      await new Promise((later) => setTimeout(later, rows > 1000 ? 50 : 5));
    }
  }
}

function print() {
  const of = (rows, pick) => median(results[rows].map(pick));
  const figures = [];
  for (const rows of wanted) {
    figures.push([`import_${rows}_s`, of(rows, (one) => one.ms) / 1000], [`import_${rows}_vs_copy`, of(rows, (one) => one.ms / one.copy)], [`import_${rows}_rows_per_s`, rows / (of(rows, (one) => one.ms) / 1000)], [`import_${rows}_mb`, of(rows, (one) => one.memory)]);
  }
  console.log(`\n${os.cpus()[0].model}, ${os.cpus().length} cores`);
  console.log('| rows | import | rows a second | ÷ \\copy | peak memory |\n| --- | --- | --- | --- | --- |');
  for (const rows of wanted) {
    const [s, ratio, rate, mb] = figures.filter(([name]) => name.startsWith(`import_${rows}_`)).map(([, value]) => value);
    console.log(`| ${rows.toLocaleString('en')} | ${s.toFixed(2)} s | ${Math.round(rate).toLocaleString('en')} | ${ratio.toFixed(2)} | ${mb.toFixed(0)} MB |`);
  }
  console.log();
  for (const [name, value] of figures) console.log(`${name}=${value.toFixed(3)}`);
}
