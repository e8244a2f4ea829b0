// The superuser of the embedded database, whom row-level security does not restrict: reads everything and changes times.
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * For the data folder of a running server: `run(program, ...words)` runs one of Postgres' programs as the superuser and
 * returns its output, `query(sql)` returns the result of the database `muster`, `url` is its URL. `hold(sql)` leaves a
 * transaction with that statement open until the returned function is called.
 */
export async function administrator(data) {
  const postgres = path.join(data, 'postgres');
  const socket = path.join(postgres, 'socket');
  const password = (await readFile(path.join(postgres, 'password'), 'utf8')).trim();
  const run = async (program, ...words) => {
    const { stdout } = await promisify(execFile)(program, ['-h', socket, '-p', '5432', '-U', 'postgres', ...words], {
      env: { ...process.env, PGPASSWORD: password },
      maxBuffer: 1 << 26,
    });
    return stdout.trim();
  };
  const url = `postgres://postgres:${password}@localhost/muster?host=${encodeURIComponent(socket)}&port=5432`;
  const hold = async (sql) => {
    const psql = spawn('psql', ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', url], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => psql.once('exit', resolve));
    const begun = new Promise((resolve, reject) => {
      let said = '';
      psql.stdout.on('data', (data) => {
        said += data;
        if (said.includes('held')) resolve();
      });
      psql.once('exit', (code) => reject(new Error(`psql ended with ${code}: ${sql}`)));
    });
    psql.stdin.write(`BEGIN; ${sql};\n\\echo held\n`);
    await begun;
    return async () => {
      psql.stdin.end('COMMIT;\n');
      await ended;
    };
  };
  return {
    run,
    hold,
    query: (sql) => run('psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'muster', '-c', sql),
    url,
    postmaster: async () => Number((await readFile(path.join(postgres, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]),
  };
}
