// Builds public/icons.svg, the sprite of the icons that app/src/ui/icon.rs names, from Lucide.
import { readFile, writeFile } from 'node:fs/promises'

const root = new URL('../', import.meta.url)
const list = await readFile(new URL('app/src/ui/icon.rs', root), 'utf8')
const names = [...list.matchAll(/^ {4}[A-Z]\w* => "([a-z0-9-]+)",$/gm)].map(([, name]) => name)
if (names.length === 0) throw new Error('app/src/ui/icon.rs names no icon')

const symbols = await Promise.all(
  names.map(async (name) => {
    const path = new URL(`end2end/node_modules/lucide-static/icons/${name}.svg`, root)
    const svg = await readFile(path, 'utf8').catch(() => {
      throw new Error(`lucide has no icon “${name}”; is end2end installed (npm ci)?`)
    })
    const shapes = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1]
    if (shapes === undefined) throw new Error(`${name}.svg is not as expected`)
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`
  }),
)

// Lucide has the ISC license; its notice is kept with the shapes.
const sprite = `<svg xmlns="http://www.w3.org/2000/svg"><!-- Icons by Lucide, https://lucide.dev, ISC licence -->${symbols.join('')}</svg>\n`
await writeFile(new URL('public/icons.svg', root), sprite)
console.log(`icons: ${names.length}, ${sprite.length} bytes`)
