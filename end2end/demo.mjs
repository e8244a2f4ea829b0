// The server with the 500 people of `muster demo` and the built-in mailbox, for the screenshots. Before there are any
// people, it is started as on the first day: `firstDay` gets its address, the set-up link and the mailbox link.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';
import { administrator } from './psql.mjs';
import { eventually, freePort } from './server.mjs';

const root = path.join(import.meta.dirname, '..');
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'muster');
export const target = process.env.CARGO_TARGET_DIR || path.join(cache, 'target');
const binary = process.env.SERVER_BINARY || path.join(target, 'debug', 'muster');
const site = process.env.SITE_FOLDER || path.join(target, 'site', 'test');

/**
 * Returns `origin`, `password` (of all 500), `link(address, page)` (from the newest message to an address),
 * `mailboxLink()` (opens the built-in mailbox), `query(sql)` on the database and `stop()`.
 */
export async function startDemo(firstDay) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'muster-pictures-'));
  // Started by root, Postgres runs as another user, who must be able to enter the folder.
  await chmod(dataDir, 0o755);
  const listen = `127.0.0.1:${process.env.PICTURES_PORT || (await freePort())}`;
  const origin = `http://${listen}`;
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MUSTER_|LEPTOS_|DATABASE_URL)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    MUSTER_LISTEN: listen,
    MUSTER_ORIGIN: origin,
    MUSTER_DATA_DIR: path.join(dataDir, 'data'),
    MUSTER_SITE_ROOT: site,
  };
  let child;
  const said = [];

  const run = async (...words) => (await promisify(execFile)(binary, words, { cwd: root, env })).stdout;

  const serve = async () => {
    child = spawn(binary, ['serve'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({ input: stream }).on('line', (line) => said.push(line));
    }
    child.once('error', (error) => said.push(String(error)));
    await eventually(
      'an answer',
      () => {
        assert.equal(child.exitCode, null, `the server ended at once and said:\n${said.join('\n')}`);
        return fetch(`${origin}/sign-in`).then((answer) => answer.ok, () => false);
      },
      60,
    );
  };

  const end = async () => {
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  };

  const stop = async () => {
    await end();
    await rm(dataDir, { recursive: true, force: true });
  };

  // Only while the server runs.
  const query = async (sql) => (await administrator(path.join(dataDir, 'data'))).query(sql);

  const link = (address, page) =>
    eventually(`a mail to ${address} with a link to /${page}/`, async () => {
      const text = await query(`SELECT text_body FROM muster.dev_mailbox WHERE recipient = '${address}' ORDER BY id DESC LIMIT 1`);
      return text.match(new RegExp(`https?://\\S+/${page}/[\\w~.-]+`))?.[0];
    });

  // The link of the process that is running now.
  const mailboxLink = () => said.join('\n').match(/https?:\/\/\S+\/dev\/mailbox\/open\/[\w-]+/g)?.at(-1);

  try {
    await serve();
    const setupLink = await eventually('the set-up link', () => said.join('\n').match(/https?:\/\/\S+\/setup\/[\w-]+/)?.[0]);
    await firstDay({ origin, setupLink, mailboxLink: mailboxLink() });
    await end();
    const password = (await run('demo')).match(/password (\S+)/)?.[1];
    assert.ok(password, 'the demo says its password');
    // A person with an account who is not a member of the clinic.
    await run(
      ...['institution', 'create', '--name', 'Lakeside Practice', '--time-zone', 'Europe/Zurich', '--first-name', 'Nadia'],
      ...['--last-name', 'Brunner', '--email', 'nadia.brunner@lakeside.example', '--username', 'heron.lake'],
    );
    await serve();
    await query(
      `UPDATE muster.accounts SET password_hash = (SELECT password_hash FROM muster.accounts WHERE username = 'kestrel.harbour')
       WHERE username = 'heron.lake'`,
    );
    return { origin, password, link, mailboxLink, query, stop };
  } catch (error) {
    await stop();
    error.message += `\n--- the server said ---\n${said.join('\n')}`;
    throw error;
  }
}
