// Checks a CSV file off the page's own thread, with the page's own WebAssembly: what it says is what the server will say.
// It reads the file in slices, so that memory does not grow with it, and sends it in parts. Messages come as
// [what, JSON, File] and go as JSON; app/src/imports/checking/message.rs has their types.
import init, * as muster from '/pkg/muster.js';

const SAMPLE = 64 * 1024;
const SLICE = 1024 * 1024;
const TELL_EVERY = 100;
const TRIES = 6;
// Parts on their way at once: while one travels, the next is compressed.
const LANES = 3;

const ready = init({ module_or_path: '/pkg/muster.wasm' });
const seed = crypto.getRandomValues(new BigUint64Array(1))[0];
const tell = (what) => postMessage(typeof what === 'string' ? what : JSON.stringify(what));
const bytes = async (file, from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer());

let file;
// Only the last check goes on: another file or other columns may have been chosen meanwhile.
let last = 0;
let address;

async function look(reading, chosen) {
  file = chosen;
  last += 1;
  tell(muster.import_look(await bytes(file, 0, SAMPLE), BigInt(file.size), reading));
}

async function check(choices) {
  last += 1;
  const mine = last;
  const began = performance.now();
  let told = began;
  muster.import_begin(choices, seed);
  let next = bytes(file, 0, SLICE);
  let goes = true;
  for (let at = SLICE; goes; at += SLICE) {
    const slice = await next;
    if (mine !== last) return;
    // The next slice is read while this one is checked.
    if (at < file.size) next = bytes(file, at, at + SLICE);
    goes = muster.import_read(slice) && at < file.size;
    const now = performance.now();
    if (now - told >= TELL_EVERY) {
      told = now;
      tell(muster.import_progress(now - began));
    }
  }
  next.catch(() => {});
  tell(muster.import_finish(performance.now() - began));
}

function save(asked) {
  if (address) URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([muster.import_saved(asked)], { type: 'text/csv' }));
  tell({ Saved: address });
}

const hexadecimal = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

// Sends a part until it is there; what the server refuses for good is not tried again.
async function part(to, blob) {
  const body = await blob.arrayBuffer();
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Encoding': 'gzip',
    'X-Part-SHA256': hexadecimal(await crypto.subtle.digest('SHA-256', body)),
  };
  const zipped = await new Response(new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
  let status = 0;
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried) await new Promise((later) => setTimeout(later, 250 * 2 ** tried));
    status = await fetch(to, { method: 'POST', headers, body: zipped }).then((answer) => answer.status, () => 0);
    if (status === 204) return;
    if (status >= 400 && status < 500 && status !== 429) break;
  }
  throw status;
}

async function send({ to, bytes: size, there }) {
  // Whatever is chosen meanwhile: these are the parts of this one.
  const mine = file;
  const of = Math.ceil(mine.size / size);
  let parts = there.length;
  tell({ Sent: { parts, of } });
  const missing = Array.from({ length: of }, (_, number) => number).filter((number) => !there.includes(number));
  const next = async () => {
    const number = missing.shift();
    await part(to + number, mine.slice(number * size, (number + 1) * size));
    parts += 1;
    tell({ Sent: { parts, of } });
  };
  // The first one by itself: where nothing can be read of it the file is refused, and no other is sent.
  if (missing.length) await next();
  const lane = async () => {
    try {
      while (missing.length) await next();
    } finally {
      // All are sent, or one can't be: the other lanes end, too.
      missing.length = 0;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = lanes.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

const tasks = {
  look,
  check,
  save,
  ask: (asked) => tell(muster.import_answer(asked)),
  send: (parts) => send(JSON.parse(parts)),
};

addEventListener('message', async ({ data: [what, json, chosen] }) => {
  try {
    await ready;
    await tasks[what](json, chosen);
  } catch (error) {
    if (typeof error === 'number') tell({ NotSent: error });
    else if (error instanceof DOMException) tell('"Gone"');
    else {
      tell('"Broken"');
      throw error;
    }
  }
});
