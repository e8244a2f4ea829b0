// The shared test vectors, in WebAssembly in a browser: each vector is a test.
// VECTORS_PKG names the folder with wasm-bindgen's output of `end2end/vectors`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import Papa from 'papaparse';
import { closeBrowser, theBrowser } from './browser.mjs';

const pkg = process.env.VECTORS_PKG;
assert.ok(pkg, 'VECTORS_PKG must name the folder with vectors.js and vectors.wasm');
// PapaParse is independent of Muster's own reader, so that the two check each other.
const vectors = async (name) => {
  const text = await readFile(path.join(import.meta.dirname, '..', 'tests', 'vectors', name), 'utf8');
  const { data, errors } = Papa.parse(text, { header: true, delimiter: ',', newline: '\n', skipEmptyLines: true });
  assert.deepEqual(errors, []);
  return data;
};
const usernames = await vectors('usernames.csv');
const emails = await vectors('emails.csv');
const shown = (text) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);

describe('in WebAssembly in Chromium', () => {
  let server;
  let page;

  before(async () => {
    server = createServer(async (request, response) => {
      const files = { '/vectors.js': 'text/javascript', '/vectors.wasm': 'application/wasm' };
      if (request.url === '/') {
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>vectors</title>');
      } else if (files[request.url]) {
        response.setHeader('content-type', files[request.url]).end(await readFile(path.join(pkg, request.url)));
      } else response.writeHead(404).end();
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    page = await (await theBrowser()).newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.evaluate(async () => {
      const rules = await import('/vectors.js');
      await rules.default({ module_or_path: '/vectors.wasm' });
      window.rules = rules;
    });
  });

  after(async () => {
    await closeBrowser();
    server.close();
  });

  for (const { first_name, last_name, username, codes } of usernames) {
    it(`username ${shown(username)} of ${first_name} ${last_name} has the codes '${codes}'`, async () => {
      const found = await page.evaluate((names) => window.rules.username_codes(...names), [first_name, last_name, username]);
      assert.equal(found, codes);
    });
  }

  for (const { input, canonical, code } of emails) {
    it(`email ${shown(input)} is ${code || 'canonically ' + shown(canonical)}`, async () => {
      const found = await page.evaluate((raw) => window.rules.email_verdict(raw), input);
      assert.equal(found, `${canonical},${code}`);
    });
  }

  it('covers every vector of both files', () => {
    assert.ok(usernames.length >= 54, `${usernames.length} usernames`);
    assert.ok(emails.length >= 33, `${emails.length} emails`);
  });
});
