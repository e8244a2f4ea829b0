// One person's browser: a context with its cookies, and pages whose errors fail the test.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { theBrowser } from './browser.mjs';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * `page` is ready to use. `allow(status)` ignores the next responses with that status (a browser logs each refusal as an
 * error). `close()` asserts that nothing else was logged, thrown or blocked.
 */
export async function person(origin, { javaScriptEnabled = true, viewport = { width: 1440, height: 900 }, colorScheme = 'light', locale = 'en-GB' } = {}) {
  const context = await (await theBrowser()).newContext({ baseURL: origin, javaScriptEnabled, viewport, colorScheme, locale });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const wrong = [];
  const allowed = new Set();
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const text = message.text();
    const status = text.match(/responded with a status of (\d+)/)?.[1];
    if (status && allowed.has(Number(status))) return;
    // With JavaScript off nothing uses what the page preloads.
    if (!javaScriptEnabled && text.includes('was preloaded using link preload but not used')) return;
    wrong.push(`console ${message.type()} on ${new URL(page.url()).pathname}: ${text.split('\n\n').slice(0, 2).join(' ')} (${message.location().url})`);
  });
  page.on('pageerror', (error) => wrong.push(`error on ${page.url()}: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 500) wrong.push(`${response.status()} of ${response.url()}`);
  });
  // What the content security policy blocks is also logged, but not by every kind of resource.
  await page.exposeFunction('musterTestViolation', (what) => wrong.push(`blocked by the policy: ${what}`));
  await context.addInitScript(() => {
    // The router listens for "back" after hydration, which is when every other part of the page is hydrated.
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function addEventListener(type, ...rest) {
      if (type === 'popstate') window.musterTestAlive = true;
      return listen.call(this, type, ...rest);
    };
    document.addEventListener('securitypolicyviolation', (event) => {
      window.musterTestViolation(`${event.violatedDirective} ${event.blockedURI} on ${location.pathname}`);
    });
  });

  return {
    page,
    context,
    hydrated: javaScriptEnabled,
    allow: (...statuses) => statuses.forEach((status) => allowed.add(status)),
    // Goes to an address and waits until the page is hydrated, if there is script.
    async open(to) {
      const answer = await page.goto(to);
      await this.alive();
      return answer;
    },
    async alive() {
      await page.waitForLoadState('load');
      if (javaScriptEnabled) await page.waitForFunction(() => window.musterTestAlive);
    },
    async close() {
      await context.close();
      assert.deepEqual([...new Set(wrong)], [], 'nothing went wrong in the browser unnoticed');
    },
  };
}

// Runs every rule of axe-core on the current page; no violation is allowed.
export async function assertAccessible(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const told = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.target.join(' ')}\n      ${node.failureSummary.replaceAll('\n', '\n      ')}`).join('\n')}`,
  );
  assert.equal(violations.length, 0, `${where ?? page.url()} has violations:\n  ${told.join('\n  ')}`);
}

// Asserts that nothing is wider than the window: the page does not scroll sideways.
export async function assertFits(page, where) {
  // Changes of width may take a few frames to be drawn; what never fits is reported below.
  await page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth, null, { timeout: 5000 }).catch(() => {});
  const { wide, culprits } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const over = (element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && box.right > width + 1;
    };
    const name = (element) => `${element.localName}.${[...element.classList].join('.')}`;
    return {
      wide: document.documentElement.scrollWidth - width,
      culprits: [...document.body.querySelectorAll('*')].filter(over).slice(0, 5).map(name),
    };
  });
  assert.ok(wide <= 0, `${where ?? page.url()} is ${wide} px wider than the window: ${culprits.join(', ')}`);
}
