// The baseline of `make bench-check`: PapaParse in a worker, followed by the checks of Muster's worker in JavaScript that is
// written for speed: nothing is read twice, and plain ASCII has a fast path.
importScripts('/papaparse.js');

const KEPT = 10_000;
const GENERIC = new Set(['account', 'admin', 'administrator', 'anonymous', 'contact', 'default', 'demo', 'email', 'everyone', 'guest', 'help', 'info', 'login', 'mail', 'manager', 'nobody', 'noreply', 'null', 'office', 'operator', 'owner', 'postmaster', 'public', 'root', 'sales', 'service', 'staff', 'support', 'system', 'team', 'test', 'undefined', 'user', 'webmaster']);
const EXTENSIONS = new Set(['app', 'biz', 'co', 'com', 'dev', 'edu', 'gov', 'info', 'int', 'io', 'mil', 'net', 'org']);
const SPELT = { ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ø: 'o', đ: 'd', ð: 'd', ł: 'l', ı: 'i' };
const ASCII = /^[\x00-\x7f]*$/;
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\u00ad\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffc\u{e0000}-\u{e007f}]/u;
const RUNS = /^'+[\s\u200b-\u200f\ufeff]*[=+\-@\t\r\n\0＝＋－＠﹦﹢﹣﹫−]/;

function fold(text) {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '').replace(/[ßæœþøđðłı]/g, (letter) => SPELT[letter]);
}

// A cell that a spreadsheet would execute is written with a leading apostrophe.
const unescaped = (cell) => (cell.charCodeAt(0) === 39 && RUNS.test(cell) ? cell.slice(1) : cell);

function judgeName(cell, column, problems) {
  const name = cell.trim();
  if (name === '') problems.push([column, 'required']);
  else if (name.length > 100 && [...name].length > 100) problems.push([column, 'too_long']);
  else if (UNPRINTABLE.test(name) || /^[\u200c\u200d]*$/.test(name)) problems.push([column, 'not_printable']);
}

function nameWithin(name, segments, squeezed) {
  const parts = fold(name).split(/[\s\-\u2010'’.,]+/).filter((part) => part !== '');
  const whole = parts.join('');
  if (/^[a-z0-9]+$/.test(whole)) {
    if (whole.length === 2 ? segments.includes(whole) : whole.length > 2 && squeezed.includes(whole)) return whole;
  }
  if (parts.length < 2) return undefined;
  return parts.find((part) => part.length >= 4 && /^[a-z0-9]+$/.test(part) && squeezed.includes(part));
}

function judgeUsername(username, first, last, problems) {
  const before = problems.length;
  if (username.length < 6) problems.push(['username', 'too_short']);
  if (username.length > 64 && [...username].length > 64) problems.push(['username', 'too_long']);
  if (username.includes('@')) problems.push(['username', 'email_address']);
  const invalid = /[^A-Za-z0-9.@]/u.exec(username);
  if (invalid) problems.push(['username', 'invalid_character', invalid[0], [...username.slice(0, invalid.index)].length + 1]);
  if (/^\.|\.$|\.\./.test(username)) problems.push(['username', 'period_placement']);
  const low = username.toLowerCase();
  const segments = low.split('.');
  const squeezed = segments.join('');
  const found = nameWithin(first, segments, squeezed) ?? nameWithin(last, segments, squeezed);
  if (found) problems.push(['username', 'contains_name', found]);
  const term = segments.map((segment) => segment.replace(/[0-9]+$/, '')).find((segment) => GENERIC.has(segment));
  if (term) problems.push(['username', 'generic_term', term]);
  const ending = segments.find((segment, at) => at > 0 && EXTENSIONS.has(segment));
  if (ending) problems.push(['username', 'extension', ending]);
  return problems.length === before ? low : undefined;
}

function judgeEmail(cell, problems) {
  const bad = (code) => void problems.push(['email', code]);
  const address = cell.trim();
  if (address === '') return bad('required');
  if (address.length > 2048) return bad('too_long');
  const at = address.indexOf('@');
  if (at < 0 || address.indexOf('@', at + 1) >= 0) return bad('not_an_address');
  const local = address.slice(0, at);
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\uffff]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\uffff]+)*$/.test(local)) return bad('not_an_address');
  let domain = address.slice(at + 1).toLowerCase();
  if (!ASCII.test(domain) || domain.includes('xn--')) {
    try {
      domain = new URL(`http://${domain}`).hostname;
    } catch {
      return bad('not_an_address');
    }
  }
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/.test(domain) || /\.[0-9]+$/.test(domain)) return bad('not_an_address');
  if (!ASCII.test(local)) return bad('local_not_ascii');
  if (local.length > 64 || local.length + 1 + domain.length > 254) return bad('too_long');
  return `${local.toLowerCase()}@${domain}`;
}

function judgePhone(cell, problems) {
  if (cell.trim() === '') return;
  if (!/^\+[1-9][0-9]{6,14}$/.test(cell.replace(/[\s\-\u2010\u2011()\/.]/g, ''))) problems.push(['phone', 'not_a_number']);
}

onmessage = ({ data: file }) => {
  const began = performance.now();
  const usernames = new Map();
  const emails = new Map();
  const kept = [];
  const counts = { rows: 0, ready: 0, wrong: 0 };
  let width = 0;
  let told = began;
  const judge = (row) => {
    if (width === 0) {
      width = row.length;
      return;
    }
    counts.rows += 1;
    const problems = [];
    if (row.length !== width) problems.push(['', 'ragged']);
    else if (row.some((cell) => cell.includes('\0'))) problems.push(['', 'nul']);
    else {
      const first = unescaped(row[1]);
      const last = unescaped(row[2]);
      const given = unescaped(row[0]);
      const username = given.trim() === '' ? undefined : judgeUsername(given, first, last, problems);
      judgeName(first, 'first_name', problems);
      judgeName(last, 'last_name', problems);
      const email = judgeEmail(unescaped(row[3]), problems);
      judgePhone(unescaped(row[4]), problems);
      if (problems.length === 0) {
        const same = username !== undefined && usernames.get(username);
        const sameEmail = emails.get(email);
        if (same) problems.push(['username', 'duplicate', same]);
        if (sameEmail) problems.push(['email', 'duplicate', sameEmail]);
        if (problems.length === 0) {
          if (username !== undefined) usernames.set(username, counts.rows);
          emails.set(email, counts.rows);
        }
      }
    }
    if (problems.length === 0) counts.ready += 1;
    else {
      counts.wrong += 1;
      if (kept.length < KEPT) kept.push({ number: counts.rows, row, problems });
    }
  };
  Papa.parse(file, {
    delimiter: ',',
    skipEmptyLines: true,
    chunk: ({ data }) => {
      for (const row of data) judge(row);
      if (performance.now() - told >= 100) {
        told = performance.now();
        postMessage({ counts });
      }
    },
    complete: () => postMessage({ done: performance.now() - began, counts, shown: kept.slice(0, 25) }),
  });
};
