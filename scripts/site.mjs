// Completes a site folder that has the modules in `pkg`: adds the icon sprite, `public` and the
// stylesheet, and with --compress a brotli and a gzip copy of everything that a browser downloads. The number is brotli's
// quality: 11 is a tenth smaller than 9 and takes ten times as long.
//   node scripts/site.mjs FOLDER [--compress=1..11]
import { cpSync, readdirSync, statSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const root = fileURLToPath(new URL('../', import.meta.url))
const [folder, flag] = process.argv.slice(2)
const quality = Number(flag?.match(/^--compress=(\d+)$/)?.[1] ?? 0)
if (!folder || (flag && !(quality >= 1 && quality <= 11))) {
  console.error('usage: node scripts/site.mjs FOLDER [--compress=1..11]')
  process.exit(2)
}

await import('./icons.mjs')
cpSync(path.join(root, 'public'), folder, { recursive: true })

// sass-embedded is the compiler that end2end/package-lock.json pins.
const { compileAsync } = await import(path.join(root, 'end2end/node_modules/sass-embedded/dist/lib/index.mjs'))
const { css } = await compileAsync(path.join(root, 'style/main.scss'), { style: 'compressed' })
await writeFile(path.join(folder, 'pkg/muster.css'), css)

const names = readdirSync(folder, { recursive: true })
  .map((name) => path.join(folder, name))
  .filter((name) => statSync(name).isFile())
// Compressed copies of an earlier build would be served instead of the new files.
await Promise.all(names.filter((name) => /\.(br|gz)$/.test(name)).map((name) => rm(name)))
if (quality > 0) {
  const downloaded = names.filter((name) => /\.(wasm|js|css|svg|webmanifest|json|txt)$/.test(name))
  await Promise.all(
    downloaded.map(async (name) => {
      const bytes = await readFile(name)
      const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
      await Promise.all([
        promisify(brotliCompress)(bytes, { params }).then((small) => writeFile(`${name}.br`, small)),
        promisify(gzip)(bytes, { level: 9 }).then((small) => writeFile(`${name}.gz`, small)),
      ])
    }),
  )
}
