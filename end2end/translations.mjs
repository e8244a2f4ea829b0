// The text that people see, from the locale files of the pages. Tests find elements by text and role, as people do, and a
// changed sentence changes no test.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const locales = path.join(import.meta.dirname, '..', 'app', 'i18n', 'locales');
const files = new Map();

/**
 * `word('session.sign_in.title', { name: 'Ada' })` returns the text of a key, namespace first, with its `{{ variables }}`
 * filled in. A variable without a value matches anything: then the result is a regular expression.
 */
export function word(key, values = {}, language = 'en') {
  const [namespace, ...rest] = key.split('.');
  const file = `${language}/${namespace}.json`;
  if (!files.has(file)) files.set(file, JSON.parse(readFileSync(path.join(locales, file), 'utf8')));
  const text = rest.reduce((part, name) => part?.[name], files.get(file));
  if (typeof text !== 'string') throw new Error(`no text '${key}' in ${file}`);
  const escape = (part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  let open = false;
  const pattern = text.split(/(\{\{\s*\w+\s*\}\})/).map((part) => {
    const name = part.match(/^\{\{\s*(\w+)\s*\}\}$/)?.[1];
    if (!name) return escape(part);
    if (name in values) return escape(String(values[name]));
    open = true;
    return '.+?';
  });
  if (open) return new RegExp(`^${pattern.join('')}$`, 's');
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => String(values[name]));
}
