// An import through the page's requests, for the benchmarks: from the first byte of the upload to the last row.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { send } from './load.mjs';

const PART = 1024 * 1024;

/** A mail server that accepts connections and says nothing: messages stay in the outbox, and sending takes no time. */
export async function silentMail() {
  const silent = createServer();
  await new Promise((listening) => silent.listen(0, '127.0.0.1', listening));
  silent.unref();
  return silent.address().port;
}

/** Makes a file of distinct people; `from` continues the numbering of another file. */
export function people(rows, from = 0) {
  const lines = ['username,first name,last name,email,phone,department'];
  for (let n = from; n < from + rows; n += 1) {
    const first = ['Zoë', 'Marty', 'Amara', 'Jean-Luc', 'Ingrid', 'Ömer', 'Li', 'Sofía'][n % 8];
    const last = `${['Berg', 'Castel', 'Dorne', 'Elsner', 'Falk', 'Gruber'][n % 6]}${['son', 'mann', 'ova', 'ski'][(n >> 3) % 4]}`;
    lines.push(`kes${n}.${(n * 7919) % 100_003}q,${first},${last},person${n}@imported.example,+4930${1_000_000 + n},"Ward ${n % 40}, east"`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

/** Returns a caller of server functions with its own cookies: `call(function, arguments)`, `call.cookie()`. */
export function caller(origin) {
  const cookies = {};
  const keep = (set = []) => set.forEach((one) => Object.assign(cookies, Object.fromEntries([one.split(';')[0].split(/=(.*)/s).slice(0, 2)])));
  const cookie = () => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
  const call = async (fn, body) => {
    const answer = await send(`${origin}/rpc/${fn}`, { method: 'POST', headers: { origin, cookie: cookie(), 'content-type': 'application/json' }, body: JSON.stringify(body) });
    keep(answer.headers['set-cookie']);
    return JSON.parse(answer.bytes.toString() || 'null');
  };
  return Object.assign(call, { cookie, keep, origin });
}

/** Sets up the first institution, `bench`, and its main contact, who is signed in. */
export async function signedUp(muster) {
  const call = caller(muster.origin);
  call.keep((await fetch(muster.setupLink, { redirect: 'manual' })).headers.getSetCookie());
  await call('set_up', {
    draft: {
      institution_name: 'Bench', time_zone: 'Europe/Berlin', language: 'en', first_name: 'Ada', last_name: 'Quill',
      email: 'ada@bench.example', username: 'kestrel.bench', password: 'seven calm rivers at dawn',
    },
  });
  return call;
}

/**
 * Imports a file of `people`: uploads, plans, applies. Returns the milliseconds of the whole and of each phase. `within` is
 * called with the import's id when applying begins; the number of `rows` is checked at the end.
 */
export async function imported(call, slug, file, rows, within = () => {}) {
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
    await send(`${call.origin}/i/${slug}/imports/${id}/parts/${number}`, {
      method: 'POST',
      headers: { origin: call.origin, cookie: call.cookie(), 'content-encoding': 'gzip', 'x-part-sha256': createHash('sha256').update(part).digest('hex') },
      body: gzipSync(part, { level: 1 }),
    });
  }
  const uploaded = performance.now();
  await call('plan_import', { slug, id });
  await state('planned');
  const planned = performance.now();
  await call('apply_import', { slug, id });
  await within(id);
  const view = await state('done');
  assert.deepEqual([view.done.invite, view.done.refused], [rows, 0], JSON.stringify(view.done));
  const done = performance.now();
  return { ms: done - from, upload: uploaded - from, plan: planned - uploaded, apply: done - planned };

  // By server-sent events, like the page.
  async function state(wanted) {
    for (;;) {
      const answer = await fetch(`${call.origin}/i/${slug}/imports/${id}/progress`, { headers: { cookie: call.cookie() } });
      let told = '';
      for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
        const events = (told + piece).split('\n\n');
        told = events.pop();
        for (const event of events.filter((one) => one.startsWith('data:'))) {
          const view = JSON.parse(event.slice('data:'.length));
          if (view.state === wanted) return view;
          assert.ok(['checking', 'applying'].includes(view.state), `${view.state}: ${JSON.stringify(view.fault)}`);
        }
      }
    }
  }
}
