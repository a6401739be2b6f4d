import { afterAll, describe, expect, it, vi } from 'vitest';
import { startWorker, type Worker } from '../test/fleet.ts';
import { database, newPath, open } from '../test/place.ts';

// Dozens of processes and thousands of durable writes, on a disk that may be busy.
vi.setConfig({ testTimeout: 90_000 });

const workers: Worker[] = [];
const start = (): Worker => {
  const worker = startWorker();
  workers.push(worker);
  return worker;
};
afterAll(async () => {
  for (const { kill } of workers) kill();
  await Promise.all(workers.map(({ exited }) => exited));
});

describe('eight processes', () => {
  it('open a new file at the same moment and lose no update, in five rounds', async () => {
    const fleet = Array.from({ length: 8 }, start);
    for (const worker of fleet) expect(await worker.next()).toEqual({ ready: true });
    for (let round = 0; round < 5; round += 1) {
      const path = newPath();
      for (const { send } of fleet) send({ do: 'count', path, times: 5 });
      expect(await Promise.all(fleet.map(({ next }) => next()))).toEqual(fleet.map(() => ({ done: 'counted' })));
      expect(await open({ path }).read('counter')).toMatchObject({ value: '40' });
    }
  });
});

describe('a process that is killed in the middle of a write', () => {
  it('has lost nothing of what it was told was written, in 12 rounds', async () => {
    const path = newPath();
    const store = open({ path });
    for (let round = 0; round < 6; round += 1) {
      const pair = ['one', 'other'].map((side) => ({ name: `${round}-${side}`, worker: start() }));
      await Promise.all(
        pair.map(async ({ name, worker }) => {
          await worker.next();
          worker.send({ do: 'write', path, name });
          let last = -1;
          const take = async (): Promise<void> => {
            const line = await worker.next();
            if (!('written' in line)) throw new Error(JSON.stringify(line));
            last = line.written;
          };
          for (let left = 1 + 6 * round; left > 0; left -= 1) await take();
          worker.kill();
          await worker.exited;
          while (worker.printed.length > 0) await take();
          for (let number = 0; number <= last; number += 1) {
            expect((await store.read(`${name}:${number}`))?.value.endsWith(`x${number}`)).toBe(true);
          }
        }),
      );
    }
    expect(database(path).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });
});
