// Sequential and concurrent requests, and their cost for the serving processes.
import { readFile, readdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import os from 'node:os';

const CONNECTIONS = 8;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const began = performance.now();

export const seconds = () => Math.round((performance.now() - began) / 1000);
export const percentile = (values, of) => [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor((values.length * of) / 100))];
export const median = (values) => percentile(values, 50);

/** Returns the bytes of a response; throws if it was refused. */
export function send(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const bytes = Buffer.concat(parts);
        if (answer.statusCode < 300) resolve({ bytes, headers: answer.headers });
        else reject(new Error(`${url} answered ${answer.statusCode}: ${bytes.subarray(0, 200)}`));
      });
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export const get = async (url, cookie) => (await send(url, { headers: cookie ? { cookie } : {} })).bytes;

// Returns processor time in seconds: the process, and the database's processes under the postmaster.
async function spent({ pid, postmaster }) {
  const hertz = 100;
  const stat = async (of) => {
    const text = await readFile(`/proc/${of}/stat`, 'utf8').catch(() => null);
    if (!text) return null;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), own: (Number(fields[11]) + Number(fields[12])) / hertz, ended: (Number(fields[13]) + Number(fields[14])) / hertz };
  };
  const server = (await stat(pid)).own;
  const first = await stat(postmaster);
  let database = first.own + first.ended;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const one = await stat(name);
    if (one?.parent === postmaster) database += one.own;
  }
  return { server, database };
}

/** Sends a number of requests to `url` over a few connections that never pause. */
export async function load(target, requests) {
  const before = await spent(target);
  const times = [];
  let left = requests;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left > 0) {
        left -= 1;
        const from = performance.now();
        await get(target.url, target.cookie);
        times.push(performance.now() - from);
      }
    }),
  );
  const after = await spent(target);
  const server = after.server - before.server;
  return { perCore: requests / (server + after.database - before.database), perServerCore: requests / server, p99: percentile(times, 99) };
}

/** Sends requests one after another with pauses, like a few people, until `over()`; returns their milliseconds. */
export async function paced({ url, cookie }, over, pause = 20) {
  const times = [];
  while (!over(times.length)) {
    const from = performance.now();
    await get(url, cookie);
    times.push(performance.now() - from);
    await new Promise((later) => setTimeout(later, pause));
  }
  return times;
}

/** Prints figures as a table and as one line each: `{ name, value, aim, about, spread }`; an aim is `['>=', 0.5]`. */
export function printFigures(figures, heading) {
  const show = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  const met = ({ value, aim: [side, bound] }) => (side === '>=' ? value >= bound : value <= bound);
  console.log(`\n${os.cpus()[0].model}, ${os.cpus().length} cores; ${heading}; ${seconds()} s`);
  console.log('| figure | median | spread | aim | what |\n| --- | --- | --- | --- | --- |');
  for (const one of figures) {
    const spread = one.spread?.length > 1 ? `${show(Math.min(...one.spread))}–${show(Math.max(...one.spread))}` : '';
    const aim = one.aim ? `${one.aim[0] === '>=' ? '≥' : '≤'} ${one.aim[1]} ${met(one) ? 'met' : '**missed**'}` : '';
    console.log(`| ${one.name} | ${show(one.value)} | ${spread} | ${aim} | ${one.about} |`);
  }
  console.log();
  for (const { name, value } of figures) console.log(`${name}=${value.toFixed(3)}`);
}
