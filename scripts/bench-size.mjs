// Prints what a browser downloads for the first page: the release site's WebAssembly, JavaScript, stylesheet and icons,
// raw and compressed. Compressed sizes are those of the files that the server sends, if they exist.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const site = process.argv[2];
if (!site || !existsSync(path.join(site, 'pkg'))) {
  console.error('bench-size: name the folder of a release site: node scripts/bench-size.mjs FOLDER');
  process.exit(1);
}

const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
const sent = (file, ending, compress) => (existsSync(file + ending) ? readFileSync(file + ending).length : compress(readFileSync(file)));
const rows = ['pkg', '.']
  .flatMap((folder) => readdirSync(path.join(site, folder)).map((name) => path.join(folder, name)))
  .filter((name) => /\.(wasm|js|css|svg)$/.test(name))
  .map((name) => {
    const file = path.join(site, name);
    return { name, raw: readFileSync(file).length, gzip: sent(file, '.gz', gzip), brotli: sent(file, '.br', brotli) };
  })
  .sort((one, other) => other.raw - one.raw);

const sum = (label, chosen) => ({
  name: label,
  ...Object.fromEntries(['raw', 'gzip', 'brotli'].map((size) => [size, chosen.reduce((total, row) => total + row[size], 0)])),
});
// Two modules: the pages of people who are signed out, such as accept, and all others with the import's worker.
const guest = sum('code of the accept page', rows.filter(({ name }) => /guest\.(wasm|js)$/.test(name)));
const member = sum('code of all other pages', rows.filter(({ name }) => /(muster\.wasm|muster\.js|worker\.js)$/.test(name)));
const all = sum('all', rows);

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(12);
console.log(`${'file'.padEnd(28)}${'raw'.padStart(12)}${'gzip'.padStart(12)}${'brotli'.padStart(12)}`);
for (const row of [...rows, guest, member, all]) console.log(`${row.name.padEnd(28)}${kb(row.raw)}${kb(row.gzip)}${kb(row.brotli)}`);
console.log('aims, as brotli: code of the accept page at most 250 KB, of all other pages at most 600 KB\n');
for (const [name, bytes] of [
  ['accept_code_brotli_bytes', guest.brotli],
  ['app_code_brotli_bytes', member.brotli],
  ['site_all_brotli_bytes', all.brotli],
]) console.log(`${name}=${bytes}`);
