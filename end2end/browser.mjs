// Chromium for the tests: Debian's, or the one that CHROMIUM names. Playwright's own cannot be downloaded everywhere.
import { chromium } from 'playwright-core';

let browser;

// One process for all contexts of a test file; `closeBrowser` stops it.
export async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}
