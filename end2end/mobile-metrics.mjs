// Measures how fast a phone shows a page and responds: 390 px, processor 4 × slower, empty cache, no network throttling.
import { field } from './actions.mjs';
import { closeBrowser, theBrowser } from './browser.mjs';
import { word } from './translations.mjs';

const RUNS = 5;

/** Returns, for each page and run, milliseconds: largest contentful paint, slowest interaction. */
export async function phoneTimes(crowd) {
  const times = {};
  try {
    times.accept = { lcp: [], inp: [] };
    times.users = { lcp: [], inp: [] };
    for (let run = 0; run < RUNS; run += 1) {
      const link = await crowd.link(`phone${Date.now()}@example.org`);
      await measured(times.accept, crowd, { to: link }, async (page) => {
        await field(page, word('common.first_name')).pressSequentially('Ines');
        await field(page, word('common.last_name')).pressSequentially('Caro');
        await field(page, word('common.username')).fill('');
        await field(page, word('common.username')).pressSequentially('heron.742');
        await field(page, word('common.password')).pressSequentially('lamp by the sea');
        await page.getByRole('button', { name: word('common.show') }).first().click();
      });
      await measured(times.users, crowd, { to: `${crowd.origin}/i/big/users`, session: crowd.cookie }, async (page) => {
        for (const nth of [0, 1, 2]) await page.locator('tbody input[type=checkbox]').nth(nth).click({ force: true });
        await page.keyboard.press('Control+k');
        await page.keyboard.type('anna');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Escape');
      });
    }
  } finally {
    await closeBrowser();
  }
  return times;
}

async function measured(into, crowd, { to, session }, interact) {
  const context = await (await theBrowser()).newContext({ baseURL: crowd.origin, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  if (session) {
    const [name, value] = session.split(/=(.*)/s);
    await context.addCookies([{ name, value, url: crowd.origin }]);
  }
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript(() => {
    window.paints = [];
    window.interactions = [];
    new PerformanceObserver((list) => window.paints.push(...list.getEntries().map((entry) => entry.startTime))).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.interactionId) window.interactions.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
    // Every part of the page is hydrated when the router listens for "back".
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function addEventListener(type, ...rest) {
      if (type === 'popstate') window.alive = true;
      return listen.call(this, type, ...rest);
    };
  });
  await page.goto(to, { waitUntil: 'load' });
  await page.waitForFunction(() => window.alive);
  const lcp = await page.evaluate(() => Math.max(...window.paints));
  await interact(page);
  // The last interaction's entry comes after the next frame.
  const inp = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(Math.max(0, ...window.interactions)), 200))));
  into.lcp.push(lcp);
  into.inp.push(inp);
  await context.close();
}
