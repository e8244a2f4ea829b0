// Checks every page in every visually distinct state: no violation of axe-core, nothing wider than the window, at three
// widths, light and dark. With SCREENSHOTS=folder it also saves a picture of each.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { assertAccessible, assertFits } from './people.mjs';

const widths = [390, 820, 1440];
const pictures = process.env.SCREENSHOTS;
if (pictures) await mkdir(pictures, { recursive: true });

// Checks the page in its current state, at every width, in both themes.
export async function checkPage(who, name) {
  const { page } = who;
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      // Colors and widths apply from the next frame on.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      const where = `${name} at ${width} px, ${colorScheme}`;
      await assertFits(page, where);
      if (width !== 820) await assertAccessible(page, where);
      if (pictures) await page.screenshot({ path: path.join(pictures, `${name.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}
