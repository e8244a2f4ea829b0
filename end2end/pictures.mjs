// Screenshots of pages: each at every size and in both themes, contact sheets, and the README's pictures.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { theBrowser } from './browser.mjs';
import { target } from './demo.mjs';
import { assertFits } from './people.mjs';
import { smallPng } from './small-png.mjs';

export const folder = path.resolve(process.env.PICTURES || path.join(target, 'screenshots'));
const readme = path.join(import.meta.dirname, '..', 'docs', 'pictures');
// Only screens whose name contains this are saved, for work on one of them (README: only its pictures); all are still
// visited.
const only = process.env.ONLY;
const sizes = [
  { width: 390, height: 844 },
  { width: 820, height: 1100 },
  { width: 1440, height: 900 },
];
const schemes = ['light', 'dark'];
export const taken = [];
export const wrong = [];

/** Empties the folder, unless only some screens are updated. */
export async function beginPictures() {
  if (!only) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await mkdir(readme, { recursive: true });
}

/**
 * Takes the current page at every size, in both themes. `whole` makes the window as high as the page; without it, floating
 * elements stay where a person sees them.
 */
export async function picture(who, name, { whole = true, widths = [390, 820, 1440] } = {}) {
  if (only && !name.includes(only)) return;
  const { page } = who;
  const file = name.replaceAll(/[^\w]+/g, '-');
  for (const { width, height } of sizes.filter((size) => widths.includes(size.width))) {
    await page.setViewportSize({ width, height });
    if (whole) {
      const needed = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width, height: Math.min(Math.max(needed, height), 2600) });
    }
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const picture = path.join(folder, `${file}-${width}-${colorScheme}.png`);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      await page.screenshot({ path: picture, caret: 'hide', animations: 'disabled' });
      taken.push({ name, width, colorScheme, picture });
    }
    await assertFits(page, `${name} at ${width} px`).catch((error) => wrong.push(error.message));
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  console.log(`  ${name}`);
}

// Decodes a PNG in the browser and encodes it again, much smaller.
async function smaller(png) {
  const page = await (await theBrowser()).newPage();
  const { width, height, base64 } = await page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
    const parts = [];
    for (let at = 0; at < pixels.length; at += 30_000) parts.push(String.fromCharCode(...pixels.subarray(at, at + 30_000)));
    return { width: image.width, height: image.height, base64: btoa(parts.join('')) };
  }, png.toString('base64'));
  await page.close();
  return smallPng({ width, height, pixels: Buffer.from(base64, 'base64') });
}

// Takes a picture for the README: at a higher density if it is narrow, and small enough to download quickly.
export async function forReadme(who, name, { width, height, colorScheme = 'light', to, prepare }) {
  if (only && only !== 'README') return;
  const storageState = await who.context.storageState();
  const context = await (await theBrowser()).newContext({
    baseURL: new URL(who.page.url()).origin,
    viewport: { width, height },
    deviceScaleFactor: width < 500 ? 1.5 : 1,
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    storageState,
  });
  const page = await context.newPage();
  await page.goto(to);
  await page.waitForLoadState('networkidle');
  await prepare?.(page);
  // Waits until the last change is drawn: a full bar is shown full.
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState === 'finished'));
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const png = await page.screenshot({ caret: 'hide', animations: 'disabled' });
  await writeFile(path.join(readme, `${name}.png`), await smaller(png));
  await context.close();
}

// Makes one contact sheet for each width and theme, in parts of a readable size.
export async function sheets() {
  const context = await (await theBrowser()).newContext({ viewport: { width: 1640, height: 900 } });
  const page = await context.newPage();
  const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const made = [];
  for (const { width, columns, rows } of [
    { width: 390, columns: 5, rows: 2 },
    { width: 820, columns: 3, rows: 2 },
    { width: 1440, columns: 2, rows: 3 },
  ]) {
    for (const scheme of schemes) {
      const all = taken.filter((one) => one.width === width && one.colorScheme === scheme);
      for (let from = 0; from < all.length; from += columns * rows) {
        const figures = all.slice(from, from + columns * rows).map(
          ({ name, picture }) => `<figure><figcaption>${escaped(name)}</figcaption><img src="${pathToFileURL(picture)}"></figure>`,
        );
        const html = `<!DOCTYPE html><meta charset="utf-8"><title>${width} px, ${scheme}</title><style>
          body { margin: 20px; background: #8a8f98; font: 13px system-ui, sans-serif; color: #fff; }
          main { display: grid; grid-template-columns: repeat(${columns}, 1fr); gap: 20px; align-items: start; }
          figure { margin: 0; } figcaption { padding-bottom: 6px; } img { width: 100%; display: block; }
        </style><main>${figures.join('')}</main>`;
        const file = path.join(folder, `sheet-${width}-${scheme}-${String(from / (columns * rows) + 1).padStart(2, '0')}`);
        await writeFile(`${file}.html`, html);
        await page.goto(pathToFileURL(`${file}.html`).href);
        await page.screenshot({ path: `${file}.png`, fullPage: true });
        made.push(path.basename(file));
      }
    }
  }
  await context.close();
  return made;
}
