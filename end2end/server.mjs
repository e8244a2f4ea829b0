// One server for each test file: the built server with its embedded Postgres in a temporary folder, and an SMTP server that
// receives its messages. Every port is a free one, every process is stopped by its id.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { mailSink } from './mail.mjs';
import { administrator } from './psql.mjs';

const root = path.join(import.meta.dirname, '..');
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'muster');
const target = process.env.CARGO_TARGET_DIR || path.join(cache, 'target');
const binary = process.env.SERVER_BINARY || path.join(target, 'debug', 'muster');
const site = process.env.SITE_FOLDER || path.join(target, 'site', 'test');

export async function freePort() {
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

// Waits until `check` returns a value; the error says what it waited for.
export async function eventually(what, check, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < end, `waited ${seconds} s in vain for ${what}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

/**
 * Starts a server. Returns `origin`, `setupLink`, `mailboxLink()`, `mail` (the SMTP server), `query(sql)` on its database,
 * `database` (everything that `administrator` returns), `pid()`, `log()` (its output), `cut()` (kills and restarts it) and
 * `stop()`.
 */
export async function startMuster({ env = {} } = {}) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'muster-e2e-'));
  // Started by root, Postgres runs as another user, who must be able to enter the folder.
  await chmod(dataDir, 0o755);
  const mail = await mailSink();
  const listen = `127.0.0.1:${await freePort()}`;
  const origin = `http://${listen}`;
  // Without the environment's own settings: an unknown key is refused, and a DATABASE_URL would be used.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MUSTER_|LEPTOS_|DATABASE_URL)/.test(name));
  const settings = {
    ...Object.fromEntries(inherited),
    MUSTER_LISTEN: listen,
    MUSTER_ORIGIN: origin,
    MUSTER_DATA_DIR: path.join(dataDir, 'data'),
    MUSTER_SITE_ROOT: site,
    MUSTER_SMTP_HOST: '127.0.0.1',
    MUSTER_SMTP_PORT: String(mail.port),
    MUSTER_SMTP_TLS: 'off',
    MUSTER_SMTP_FROM: 'Muster <muster@example.org>',
    ...env,
  };
  const said = [];
  let child;
  let ended;
  const serve = () => {
    child = spawn(binary, ['serve'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: settings });
    for (const stream of [child.stdout, child.stderr]) readline.createInterface({ input: stream }).on('line', (line) => said.push(line));
    ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    child.once('error', (error) => said.push(String(error)));
  };
  const answers = () => eventually('an answer', () => fetch(`${origin}/sign-in`).then((answer) => answer.ok, () => false), 60);

  const log = () => said.join('\n');
  // The link that opens the built-in mailbox, if there is one.
  const mailboxLink = () => log().match(/https?:\/\/\S+\/dev\/mailbox\/open\/[\w-]+/)?.[0];
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(late);
    }
    await mail.stop();
    // A database that is stopping may still be writing.
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    // A panic in any request fails the whole run.
    const panicked = said.find((line) => line.includes('the server panicked'));
    assert.ok(!panicked, panicked);
  };
  const cut = async () => {
    child.kill('SIGKILL');
    await ended;
    serve();
    await answers();
  };

  serve();
  try {
    const setupLink = await eventually(
      `the set-up link of ${binary}`,
      () => {
        assert.equal(child.exitCode, null, `the server ended at once and said:\n${log()}`);
        return log().match(/https?:\/\/\S+\/setup\/[\w-]+/)?.[0];
      },
      60,
    );
    await answers();
    const database = await administrator(path.join(dataDir, 'data'));
    return { origin, setupLink, mailboxLink, mail, query: database.query, database, pid: () => child.pid, log, cut, stop };
  } catch (error) {
    await stop();
    error.message += `\n--- the server said ---\n${log()}`;
    throw error;
  }
}
