// Reads, writes, purges and the size of a store with the entries of 100,000 users. Needs about 100 MB of disk.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sqliteStore } from '../src/index.ts';

const USERS = 100_000;
const ROUNDS = 5_000;

const directory = mkdtempSync(join(tmpdir(), 'auth-store-sqlite-bench-'));
const path = join(directory, 'tokens.db');
const store = sqliteStore({ path });

/** As the engine writes a token of 500 characters. */
const keyOf = (user: number): string => `aggregator-auth:1:${String(user).padStart(43, 'k')}`;
const value = JSON.stringify([1, ['t'.repeat(500), 1_767_225_600_000, 1_767_232_800_000], null]);

const show = (name: string, figure: string): void => console.log(`${figure.padStart(12)}  ${name}`);

const timed = async (name: string, run: (round: number) => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = performance.now();
    await run(round);
    times.push((performance.now() - before) * 1_000);
  }
  times.sort((a, b) => a - b);
  const [median = 0, late = 0] = [times[ROUNDS / 2], times[Math.floor(ROUNDS * 0.99)]];
  show(name, `${median.toFixed(1)} µs, p99 ${late.toFixed(0)}`);
  return median;
};

try {
  await store.read('open');
  // Filled past the store, as a hundred thousand durable writes take a while.
  const filling = new DatabaseSync(path);
  filling.exec('BEGIN');
  const insert = filling.prepare('INSERT INTO entries (key, value, version, expires) VALUES (?, ?, ?, ?)');
  for (let user = 0; user < USERS; user += 1) insert.run(keyOf(user), value, crypto.randomUUID(), Date.now() + 7_200_000);
  filling.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = statSync(path).size;
  show(`of file for ${USERS} users`, `${(bytes / 1e6).toFixed(1)} MB`);
  show('of file per entry', `${(bytes / USERS).toFixed(0)} bytes`);
  show('of which key, value and version', `${keyOf(0).length + value.length + 36} bytes`);

  const anyone = (): string => keyOf(Math.floor(Math.random() * USERS));
  const read = await timed('read, warm (p50 at most 50 µs)', () => store.read(anyone()));
  await timed('write, durable', () => store.write(anyone(), value, { ttl: 7_200_000 }));
  await timed('write with ifVersion null, refused', () => store.write(anyone(), value, { ifVersion: null }));

  filling.exec(`UPDATE entries SET expires = ${Date.now()} WHERE rowid <= 5000`);
  const purge = filling.prepare('DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries WHERE expires <= ? LIMIT 500)');
  const before = performance.now();
  purge.run(Date.now());
  show('a purge of 500', `${(performance.now() - before).toFixed(1)} ms`);
  filling.close();
  if (read > 50) process.exitCode = 1;
} finally {
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
}
