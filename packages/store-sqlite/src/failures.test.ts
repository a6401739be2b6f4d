import { chmodSync, chownSync, closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { inspect } from 'node:util';
import { AuthError } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startWorker } from '../test/fleet.ts';
import { database, newPath, open } from '../test/place.ts';
import { sqliteStore } from './index.ts';

const limits = vi.hoisted(() => ({ pages: 0 }));

/** SQLite itself, but limited to this many pages of 4 KiB, like on a disk that is full. */
vi.mock(import('./modules.ts'), async (importOriginal) => {
  const { loadModules } = await importOriginal();
  return {
    loadModules: async () => {
      const modules = await loadModules();
      class Limited extends modules.DatabaseSync {
        constructor(path: string) {
          super(path);
          if (limits.pages > 0) this.exec(`PRAGMA max_page_count = ${limits.pages}`);
        }
      }
      return { ...modules, DatabaseSync: Limited };
    },
  };
});

const failureOf = async (running: Promise<unknown>): Promise<AuthError> => {
  const error: unknown = await running.then(
    () => undefined,
    (reason) => reason,
  );
  if (!AuthError.is(error)) throw new Error(`Not an AuthError: ${String(error)}`);
  return error;
};

describe('a full disk', () => {
  it('is told in words that say what to do, without the value, and loses nothing; writes succeed again once there is room', async () => {
    limits.pages = 30;
    onTestFinished(() => {
      limits.pages = 0;
    });
    const clock = fakeClock();
    const store = open({ path: newPath(), clock });
    const write = (entry: number) => store.write(`key:${entry}`, `planted-secret-${'x'.repeat(2_000)}`).catch((reason: unknown) => reason);
    let written = 0;
    let error = await write(written);
    for (; !AuthError.is(error); error = await write(written)) written += 1;
    expect(error).toMatchObject({ code: 'store_unavailable', vendorCode: 'SQLITE_FULL', retryable: true, operation: 'store.write' });
    expect(error.message).toContain('Make room');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('planted-secret');
    expect(written).toBeGreaterThan(5);
    clock.advance(1_000);
    for (let entry = 0; entry < written; entry += 1) expect(await store.read(`key:${entry}`)).toMatchObject({ value: expect.any(String) });
    expect(await store.read(`key:${written}`)).toBeUndefined();
    for (let entry = 0; entry < 3; entry += 1) await store.write(`key:${entry}`, undefined);
    expect(await store.write('next', 'value')).toEqual(expect.any(String));
  });
});

describe('a file that is locked by a transaction of somebody else', () => {
  const setUp = async () => {
    const path = newPath();
    const clock = fakeClock();
    const store = open({ path, clock });
    await store.write('key', 'value');
    const other = database(path);
    other.exec('CREATE TABLE seen (value TEXT); CREATE TRIGGER see AFTER UPDATE ON entries BEGIN INSERT INTO seen VALUES (new.value); END');
    other.exec('BEGIN IMMEDIATE');
    const values = Array.from({ length: 10 }, (_, number) => `${number}`);
    const writing = Promise.allSettled(values.map((value) => store.write('key', value)));
    return { clock, store, other, values, writing, seen: () => other.prepare('SELECT value FROM seen ORDER BY rowid').all() };
  };
  const BUSY = expect.objectContaining({ code: 'store_unavailable', vendorCode: 'SQLITE_BUSY' });

  it('can be read, and takes all that waited in the order in which it came, once the transaction ends within a second', async () => {
    const { clock, store, other, values, writing, seen } = await setUp();
    await clock.settle(200);
    expect(await store.read('key')).toMatchObject({ value: 'value' });
    other.exec('COMMIT');
    await clock.settle(100);
    expect(await writing).toEqual(values.map(() => ({ status: 'fulfilled', value: expect.any(String) })));
    expect(seen()).toEqual(values.map((value) => ({ value })));
  });

  it('rejects writes after a second, never takes those any more, and takes others once the transaction ends', async () => {
    const { clock, store, other, values, writing, seen } = await setUp();
    await clock.settle(1_000);
    expect(await writing).toEqual(values.map(() => ({ status: 'rejected', reason: BUSY })));
    other.exec('ROLLBACK');
    await clock.settle(1_000);
    expect(await store.write('key', 'next')).toEqual(expect.any(String));
    expect(seen()).toEqual([{ value: 'next' }]);
  });
});

describe('a damaged file', () => {
  it('is told, and never answered from', async () => {
    const path = newPath();
    const first = sqliteStore({ path });
    for (let entry = 0; entry < 200; entry += 1) await first.write(`key:${entry}`, 'x'.repeat(600));
    await first[Symbol.asyncDispose]();
    const file = openSync(path, 'r+');
    for (let page = 1; page < statSync(path).size / 4096; page += 1) writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
    closeSync(file);
    const error = await failureOf(open({ path }).read('key:7'));
    expect(error).toMatchObject({ code: 'store_unavailable', vendorCode: 'SQLITE_CORRUPT' });
    expect(error.message).toContain('restore');
  });
});

describe('a file that may not be written', () => {
  /** The tests may run as root, to whom everything is allowed. */
  const asOrdinaryUser = (path: string): void => {
    const { geteuid, seteuid } = process;
    if (geteuid?.() !== 0 || seteuid === undefined) return;
    chownSync(dirname(path), 65_534, 65_534);
    chownSync(path, 65_534, 65_534);
    seteuid(65_534);
    onTestFinished(() => seteuid(0));
  };

  it('is misconfigured', async () => {
    const path = newPath();
    const first = sqliteStore({ path });
    await first.write('key', 'value');
    await first[Symbol.asyncDispose]();
    chmodSync(path, 0o400);
    asOrdinaryUser(path);
    const store = open({ path });
    const error = await failureOf(store.write('key', 'next'));
    expect(error).toMatchObject({ code: 'misconfigured' });
    expect(error.message).toContain('cannot be written');
  });
});

describe('a failure', () => {
  const setUp = () => {
    const path = newPath();
    const directory = dirname(path);
    const aside = `${directory}-aside`;
    renameSync(directory, aside);
    onTestFinished(() => rmSync(aside, { recursive: true, force: true }));
    const clock = fakeClock();
    return { clock, store: open({ path, clock }), mend: () => renameSync(aside, directory) };
  };

  it('is followed by a pause of a second, in which the disk is not looked at', async () => {
    const { clock, store, mend } = setUp();
    const first = await failureOf(store.read('key'));
    mend();
    clock.advance(999);
    expect((await failureOf(store.write('key', 'value'))).message).toBe(first.message);
    clock.advance(1);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
  });

  it('is followed by longer pauses as it lasts, up to five seconds', async () => {
    const { clock, store, mend } = setUp();
    for (const pause of [1_000, 2_000, 4_000]) {
      await failureOf(store.read('key'));
      clock.advance(pause);
    }
    await failureOf(store.read('key'));
    mend();
    clock.advance(4_999);
    await failureOf(store.read('key'));
    clock.advance(1);
    expect(await store.read('key')).toBeUndefined();
  });

  it('of many at once counts as one', async () => {
    const { clock, store, mend } = setUp();
    await Promise.all(Array.from({ length: 10 }, () => failureOf(store.read('key'))));
    mend();
    clock.advance(1_000);
    expect(await store.read('key')).toBeUndefined();
  });
});

describe('a runtime without node:sqlite', () => {
  it('is misconfigured, and names what is needed', async () => {
    const worker = startWorker('--no-experimental-sqlite');
    onTestFinished(worker.kill);
    expect(await worker.next()).toEqual({ ready: true });
    worker.send({ do: 'read', path: newPath() });
    expect(await worker.next()).toEqual({ failed: expect.stringMatching(/^misconfigured: .*node:sqlite/) });
  });
});
