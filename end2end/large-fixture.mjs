// Muster with a million users, for the benchmarks. The data set is created once and stored in `folder`.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';
import { get, send } from './load.mjs';
import { administrator } from './psql.mjs';
import { eventually, freePort } from './server.mjs';

const root = path.join(import.meta.dirname, '..');
const binary = process.env.SERVER_BINARY;
// Different each time: a reset to the stored data set's password is refused.
const password = `lamp by the quiet sea ${Date.now()}`;

/** Makes a copy of the data set, which is created if necessary, for benchmarks that change it. */
export async function copyCrowd(folder, to) {
  if (!existsSync(path.join(folder, 'whole'))) await (await startCrowd(folder)).stop();
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  // Started by root, the cluster is elsewhere, behind a link: a copied link would lead to the original.
  await promisify(execFile)('cp', ['-aL', '--reflink=auto', path.join(folder, 'data'), path.join(folder, 'whole'), to]);
}

/**
 * Starts the server; `more` are further settings. Returns `origin`, `pid`, `postmaster`, `databaseUrl`, `session` and
 * `cookie` of the main contact of `big`, `call(function, arguments)` (returns its milliseconds), `terms(n)` to search for,
 * `place(n)` (the key of the nth row by name), `link(address)` and `stop()`.
 */
export async function startCrowd(folder, more = {}) {
  const data = path.join(folder, 'data');
  const whole = path.join(folder, 'whole');
  if (!existsSync(whole)) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Started by root, Postgres runs as another user, who must be able to enter the folder.
  await chmod(folder, 0o755);
  const listen = `127.0.0.1:${await freePort()}`;
  const origin = `http://${listen}`;
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MUSTER_|LEPTOS_|DATABASE_URL)/.test(name));
  const env = { ...Object.fromEntries(inherited), MUSTER_LISTEN: listen, MUSTER_ORIGIN: origin, MUSTER_DATA_DIR: data, MUSTER_SITE_ROOT: process.env.SITE_FOLDER, MUSTER_LOG: 'warn', ...more };
  const said = [];
  let child;
  const serve = async () => {
    child = spawn(binary, ['serve'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) readline.createInterface({ input: stream }).on('line', (line) => said.push(line));
    await eventually(
      'an answer',
      () => {
        assert.equal(child.exitCode, null, `the server ended at once and said:\n${said.join('\n')}`);
        return fetch(`${origin}/sign-in`).then((answer) => answer.ok, () => false);
      },
      60,
    );
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  };
  await serve();
  try {
    const { run, query, url, postmaster } = await administrator(data);
    if (!existsSync(whole)) {
      console.log('making the crowd: 1,000,000 users and 10,000 institutions, once, some 6 minutes …');
      await run('psql', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'muster', '-f', path.join(root, 'server', 'benches', 'crowd.sql'));
      await writeFile(whole, '');
    }
    await stop();
    const { stdout } = await promisify(execFile)(binary, ['user', 'reset-password', 'kestrel.chief0'], { cwd: root, env });
    await serve();
    let cookies = {};
    const post = async (fn, body) => {
      const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
      const from = performance.now();
      const answer = await send(`${origin}/rpc/${fn}`, { method: 'POST', headers: { origin, cookie, 'content-type': 'application/json' }, body: JSON.stringify(body) });
      const ms = performance.now() - from;
      keep(answer.headers['set-cookie']);
      return { ms, answer: JSON.parse(answer.bytes.toString() || 'null') };
    };
    const keep = (set = []) => {
      for (const one of set) {
        const [name, value] = one.split(';')[0].split(/=(.*)/s);
        cookies[name] = value;
      }
    };
    const opened = await fetch(new URL(new URL(stdout.match(/https?:\S+/)[0]).pathname, origin), { redirect: 'manual' });
    keep(opened.headers.getSetCookie());
    await post('reset_password', { draft: { password } });
    cookies = {};
    await post('sign_in', { draft: { identifier: 'kestrel.chief0', password } });
    const [session] = Object.values(cookies);
    assert.ok(session, 'signed in');
    const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
    await get(`${origin}/i/big/users`, cookie);
    return {
      origin,
      pid: child.pid,
      postmaster: await postmaster(),
      session,
      cookie,
      databaseUrl: url,
      call: async (fn, body) => (await post(fn, body)).ms,
      // Terms as people type them: prefixes of names, whole names, first and last name, usernames, addresses.
      terms: async (count) => {
        const rows = await query(
          `SELECT first_name, last_name, email FROM muster.memberships TABLESAMPLE SYSTEM (1) REPEATABLE (7)
           WHERE institution_id = md5('i0')::uuid AND first_name <> '' ORDER BY md5(id::text) LIMIT ${count}`,
        );
        return rows.split('\n').map((line, n) => {
          const [first, last, email] = line.split('|');
          return [first.slice(0, 3), first, last, last.slice(0, 4), `${first} ${last}`, `${first.slice(0, 4)} ${last.slice(0, 4)}`, email, email.slice(0, 8)][n % 8];
        });
      },
      place: async (number) => {
        const [id, text] = (
          await query(
            `SELECT id, sort_name FROM muster.memberships WHERE institution_id = md5('i0')::uuid AND listing IS NOT NULL
             ORDER BY sort_name, id OFFSET ${number - 1} LIMIT 1`,
          )
        ).split('|');
        return Buffer.from(JSON.stringify({ number, id, text, time: null })).toString('base64url');
      },
      // Returns the link of a new invitation, as emailed.
      link: async (email) => {
        const roles = (await post('role_choices', { slug: 'big' })).answer;
        await post('invite', { slug: 'big', draft: { rows: [{ email, role: roles.find((role) => role.usual).id }], note: '' } });
        return eventually('the mail', async () => {
          const text = await query(`SELECT text_body FROM muster.dev_mailbox WHERE recipient = '${email}' ORDER BY id DESC LIMIT 1`);
          return text.match(/https?:\/\/\S+\/accept\/[\w~.-]+/)?.[0];
        });
      },
      stop,
    };
  } catch (error) {
    await stop();
    error.message += `\n--- the server said ---\n${said.slice(-20).join('\n')}`;
    throw error;
  }
}
