import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, openFleet } from '../test/fleet.ts';
import type { Place } from '../test/protocol.ts';
import { missingBinaries, type RedisServer, startRedis } from '../test/servers.ts';

/** What a measurement works with. */
export interface Bench {
  readonly server: RedisServer;
  /** SQLite, and Redis by both clients. */
  readonly places: readonly (readonly [string, Place])[];
  readonly openFleet: () => Fleet;
}

/** Starts a server, runs the measurements, and removes everything. The exit code is 1 if one was out of bounds. */
export const withBench = async (measure: (bench: Bench) => Promise<boolean>): Promise<void> => {
  const missing = missingBinaries();
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} is not installed. Install the Debian package redis-server.`);
  const server = await startRedis();
  const directory = mkdtempSync(join(tmpdir(), 'store-redis-bench-'));
  const fleets: Fleet[] = [];
  const places: Bench['places'] = [
    ['SQLite', { kind: 'sqlite', path: join(directory, 'tokens.db') }],
    ['Redis, node-redis', { kind: 'node-redis', address: server }],
    ['Redis, ioredis', { kind: 'ioredis', address: server }],
  ];
  const open = (): Fleet => {
    const fleet = openFleet(join(import.meta.dirname, 'worker.ts'));
    fleets.push(fleet);
    return fleet;
  };
  try {
    process.exitCode = (await measure({ server, places, openFleet: open })) ? 0 : 1;
  } finally {
    await Promise.all(fleets.map(({ close }) => close()));
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

/** The waits below which so many of a hundred are, in whole milliseconds. */
export const percentile = (waits: readonly number[], share: number): number => {
  const sorted = [...waits].sort((left, right) => left - right);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? 0);
};

/** A row of a table in Markdown. */
export const row = (...cells: readonly (string | number)[]): void => {
  console.log(`| ${cells.join(' | ')} |`);
};
