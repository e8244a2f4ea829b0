// `make bench-fairness`, after the build: measures another institution's pages, sign-in and the health check while one
// institution sends 24 invitations of 50 rows at once, relative to the same server when idle. The load comes from this
// process, on the same cores as the server and its database.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { median, paced, percentile, printFigures, send } from './load.mjs';
import { startMuster } from './server.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const AT_ONCE = Number(process.env.AT_ONCE ?? 24);
const ROWS = Number(process.env.ROWS ?? 50);
const SAMPLES = 150;
const PASSWORD = 'lamp by the quiet sea';

// Creates two institutions of 500 members. Their main contacts are signed in: the session tokens are known.
const tokens = { alpha: 'A'.repeat(43), beta: 'B'.repeat(43) };
const people = `
  SET search_path = muster, public;
  INSERT INTO institutions (id, slug, name, time_zone, language, main_contact)
  SELECT md5('i' || slug)::uuid, slug, initcap(slug), 'Europe/Berlin', 'en', md5('0' || slug)::uuid FROM unnest(ARRAY['alpha', 'beta']) slug;
  INSERT INTO roles (institution_id, id, code, name, administrator, permissions)
  SELECT i.id, md5(code || i.slug)::uuid, code, initcap(code), code = 'administrator',
         CASE WHEN code = 'administrator' THEN '{view_users,invite_users,edit_users,remove_users,unlock_users,manage_institution}'::text[] ELSE '{}' END
  FROM institutions i, unnest(ARRAY['administrator', 'basic']) code WHERE i.slug IN ('alpha', 'beta');
  INSERT INTO accounts (id, email, username, password_hash)
  SELECT md5(n || i.slug)::uuid, n || '@' || i.slug || '.example', 'kestrel.' || i.slug || n, '-'
  FROM institutions i, generate_series(0, 499) n WHERE i.slug IN ('alpha', 'beta');
  INSERT INTO memberships (institution_id, id, account_id, role_id, status, email, first_name, last_name, joined_at)
  SELECT i.id, md5(n || i.slug)::uuid, md5(n || i.slug)::uuid, md5(CASE WHEN n = 0 THEN 'administrator' ELSE 'basic' END || i.slug)::uuid,
         'active', n || '@' || i.slug || '.example', 'Ines', 'Caro', now()
  FROM institutions i, generate_series(0, 499) n WHERE i.slug IN ('alpha', 'beta');`;

const sessions = `
  SET search_path = muster, public;
  INSERT INTO sessions (token_hash, account_id, idle_until, absolute_until, idle_seconds)
  SELECT sha256(repeat(upper(left(slug, 1)), 43)::bytea), md5('0' || slug)::uuid, now() + interval '1 day', now() + interval '1 day', 86400
  FROM unnest(ARRAY['alpha', 'beta']) slug;`;

const server = await startMuster({ env: { MUSTER_LOG: 'error' } });
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const answers = {};
let flooding = false;
try {
  await server.query(people);
  const role = await server.query("SELECT id FROM muster.roles WHERE code = 'basic' AND institution_id = md5('ialpha')::uuid");
  await choosePassword();
  // Comes last, because a new password ends all sessions.
  await server.query(sessions);
  await server.query('ANALYZE');
  const pages = { url: `${server.origin}/i/beta/users`, cookie: `muster=${tokens.beta}` };
  const health = { url: `${server.origin}/healthz` };
  await paced(pages, (count) => count >= 50);
  const idle = { page: [], health: [], sign_in: [] };
  const busy = { page: [], health: [], sign_in: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    await measure(pages, health, idle);
    flooding = true;
    const flood = Promise.all(Array.from({ length: AT_ONCE }, () => invite(role)));
    await new Promise((later) => setTimeout(later, 1000));
    await measure(pages, health, busy);
    flooding = false;
    await flood;
  }
  const figures = [];
  for (const [name, about, aim] of [
    ['page', 'another institution’s list of users', ['<=', 2]],
    ['sign_in', 'a sign-in', null],
    ['health', 'the health check', null],
  ]) {
    const p99 = (times) => times[name].map((round) => percentile(round, 99));
    const ratios = p99(busy).map((value, round) => value / p99(idle)[round]);
    figures.push(
      { name: `fairness_${name}`, value: median(ratios), aim, about: `${about}: p99 under the load ÷ at rest`, spread: ratios },
      { name: `fairness_${name}_p99_ms`, value: median(p99(busy)), aim: null, about: 'its p99 under the load', spread: p99(busy) },
      { name: `fairness_${name}_idle_p99_ms`, value: median(p99(idle)), aim: null, about: 'its p99 at rest', spread: p99(idle) },
    );
  }
  printFigures(figures, `${AT_ONCE} invitations of ${ROWS} rows at once, sent from the same cores`);
  console.log(`fairness_answers=${JSON.stringify(answers)}`);
} finally {
  flooding = false;
  agent.destroy();
  await server.stop();
}

async function measure(pages, health, into) {
  const signIns = [];
  let over = false;
  const others = Promise.all([paced(health, () => over), signInNowAndThen(signIns, () => over)]);
  into.page.push(await paced(pages, (count) => count >= SAMPLES));
  over = true;
  const [healthy] = await others;
  into.health.push(healthy);
  into.sign_in.push(signIns);
}

async function signInNowAndThen(times, over) {
  while (!over()) {
    const from = performance.now();
    await call('sign_in', { draft: { identifier: '0@beta.example', password: PASSWORD } });
    times.push(performance.now() - from);
    await server.query('TRUNCATE muster.rate_limits');
    await new Promise((later) => setTimeout(later, 200));
  }
}

// Beta's main contact gets a password by the emailed link.
async function choosePassword() {
  await call('ask_reset', { draft: { identifier: '0@beta.example' } });
  const mail = await server.mail.to('0@beta.example');
  const link = mail.text.match(/https?:\/\/\S+\/reset\/[\w-]+/)[0];
  const opened = await fetch(link, { redirect: 'manual' });
  const cookie = opened.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const handle = new URL(opened.headers.get('location'), server.origin).searchParams.get('link');
  await call('reset_password', { link: handle, draft: { password: PASSWORD } }, cookie);
}

function call(name, body, cookie = '') {
  const headers = { origin: server.origin, cookie, 'content-type': 'application/json' };
  return send(`${server.origin}/rpc/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

// Sends one invitation after another, without a pause.
async function invite(role) {
  while (flooding) {
    const rows = Array.from({ length: ROWS }, () => ({ email: `${randomUUID()}@example.org`, role }));
    const body = JSON.stringify({ slug: 'alpha', draft: { rows, note: '' } });
    const status = await new Promise((resolve, reject) => {
      const headers = { origin: server.origin, cookie: `muster=${tokens.alpha}`, 'content-type': 'application/json' };
      const asked = request(`${server.origin}/rpc/invite`, { method: 'POST', headers, agent }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
    answers[status] = (answers[status] ?? 0) + 1;
  }
}
