// The baselines of an import: the database's bulk load of the same rows, and django-import-export.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const LAST = '(SELECT max(created_at) FROM muster.imports)';
const ID = `(SELECT id FROM muster.imports WHERE created_at = ${LAST})`;
// The tables that an import writes, referenced tables first. Parts are not included: they are the file itself.
const WRITTEN = {
  imports: `id = ${ID}`,
  memberships: `created_at > ${LAST}`,
  membership_search_terms: `membership_id IN (SELECT membership_id FROM muster.import_rows WHERE import_id = ${ID})`,
  invitations: `membership_id IN (SELECT membership_id FROM muster.import_rows WHERE import_id = ${ID})`,
  outbox: `created_at > ${LAST}`,
  audit: `at > ${LAST}`,
  import_rows: `import_id = ${ID}`,
  import_chunks: `import_id = ${ID}`,
};

/** Creates a second database with the current content of Muster's. */
export async function twin(muster, folder) {
  const tool = muster.database.run;
  const before = path.join(folder, 'before.sql');
  await tool('pg_dump', '-d', 'muster', '-f', before);
  await tool('psql', '-d', 'postgres', '-qc', 'CREATE DATABASE yard');
  await tool('psql', '-d', 'yard', '-q', '-v', 'ON_ERROR_STOP=1', '-f', before);
}

/**
 * Copies (`\copy`) everything that the last import wrote into the same tables of the second database, with the same indexes
 * and constraints, in one transaction; returns its milliseconds. The triggers that make search words are off: the words are
 * copied.
 */
export async function copied(muster, folder, rows) {
  const tool = muster.database.run;
  const script = ['BEGIN;', 'SET search_path = muster;'];
  for (const [table, condition] of Object.entries(WRITTEN)) {
    const columns = await muster.query(
      `SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position) FROM information_schema.columns
       WHERE table_schema = 'muster' AND table_name = '${table}' AND is_generated = 'NEVER'`,
    );
    const out = path.join(folder, `${table}.copy`);
    await tool('psql', '-d', 'muster', '-qc', `\\copy (SELECT ${columns} FROM muster.${table} WHERE ${condition}) TO '${out}'`);
    script.push(`ALTER TABLE ${table} DISABLE TRIGGER USER;`, `\\copy ${table} (${columns}) FROM '${out}'`);
  }
  script.push('COMMIT;');
  const file = path.join(folder, 'copy.sql');
  await writeFile(file, script.join('\n'));
  const before = Number(await tool('psql', '-d', 'yard', '-Atc', 'SELECT count(*) FROM muster.outbox'));
  const from = performance.now();
  await tool('psql', '-d', 'yard', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file);
  const ms = performance.now() - from;
  const after = Number(await tool('psql', '-d', 'yard', '-Atc', 'SELECT count(*) FROM muster.outbox'));
  assert.equal(after - before, rows, 'the yardstick wrote the same rows');
  return ms;
}

/** Imports the same file with django-import-export into an empty database of the same Postgres; returns the milliseconds. */
export async function byDjango(muster, file, without) {
  const { run, url } = muster.database;
  await run('psql', '-d', 'postgres', '-qc', 'DROP DATABASE IF EXISTS django');
  await run('psql', '-d', 'postgres', '-qc', 'CREATE DATABASE django');
  const at = new URL(url);
  const env = {
    PATH: process.env.PATH, PGHOST: at.searchParams.get('host'), PGPORT: at.searchParams.get('port'), PGUSER: at.username,
    PGPASSWORD: at.password, PGDATABASE: 'django', PYTHONDONTWRITEBYTECODE: '1',
  };
  const script = path.join(import.meta.dirname, '..', 'server', 'benches', 'django', 'people.py');
  const { stdout } = await promisify(execFile)(process.env.DJANGO_PYTHON, [script, file, ...(without ? ['--without-lookups'] : [])], { env });
  return Number(stdout) * 1000;
}
