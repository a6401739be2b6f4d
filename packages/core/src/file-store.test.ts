import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileStore } from '../test/file-store.ts';

// The store of the tests with real processes must itself keep the contract, or those tests would mean nothing.
describe('the file store of the tests', () => {
  const undo: (() => void)[] = [];
  afterEach(() => {
    for (const step of undo.splice(0).reverse()) step();
  });

  const setUp = () => {
    const directory = mkdtempSync(join(tmpdir(), 'auth-core-store-'));
    undo.push(() => rmSync(directory, { recursive: true, force: true }));
    let time = 1_000_000;
    const path = join(directory, 'store.db');
    /** A connection of its own, as another process would have. */
    const open = () => {
      const store = fileStore(path, { now: () => time });
      undo.push(store.close);
      return store;
    };
    return { directory, open, advance: (milliseconds: number) => (time += milliseconds) };
  };

  it('shows one connection what another one wrote', async () => {
    const { open } = setUp();
    const [one, other] = [open(), open()];
    expect(await other.read('key')).toBeUndefined();
    const version = await one.write('key', 'value');
    expect(await other.read('key')).toEqual({ value: 'value', version });
    expect(await other.read('another')).toBeUndefined();
    expect(await other.write('key', undefined)).toEqual(expect.any(String));
    expect(await one.read('key')).toBeUndefined();
  });

  it('lets one of two connections write over a version, and one write over nothing', async () => {
    const { open } = setUp();
    const [one, other] = [open(), open()];
    const races = async (ifVersion: string | null) =>
      Promise.all([one.write('key', 'mine', { ifVersion }), other.write('key', 'theirs', { ifVersion })]);
    const [first = null, ...rest] = await races(null);
    expect([first, ...rest]).toEqual([expect.any(String), undefined]);
    expect(await races(first)).toEqual([expect.any(String), undefined]);
    expect(await other.read('key')).toMatchObject({ value: 'mine' });
  });

  it('changes nothing when a condition fails, also for a deletion', async () => {
    const { open, advance } = setUp();
    const store = open();
    const version = await store.write('key', 'value', { ttl: 1_000 });
    expect(await store.write('key', 'other', { ifVersion: null, ttl: 9_000 })).toBeUndefined();
    expect(await store.write('key', undefined, { ifVersion: 'another' })).toBeUndefined();
    expect(await store.read('key')).toEqual({ value: 'value', version });
    advance(1_000);
    expect(await store.read('key')).toBeUndefined();
  });

  it('ends an entry for reads and for both conditions, by its own clock', async () => {
    const { open, advance } = setUp();
    const store = open();
    const version = await store.write('key', 'value', { ttl: 1_000 });
    await store.write('other', 'value', { ttl: 1_000 });
    await store.write('for ever', 'value');
    advance(999);
    expect(await store.read('key')).toEqual({ value: 'value', version });
    advance(1);
    expect(await store.read('key')).toBeUndefined();
    expect(await store.write('key', 'next', { ifVersion: version })).toBeUndefined();
    expect(await store.write('other', 'next', { ifVersion: null })).toEqual(expect.any(String));
    expect(await store.read('for ever')).toBeDefined();
  });

  it('never uses a version twice', async () => {
    const store = setUp().open();
    const versions: (string | undefined)[] = [];
    for (let round = 0; round < 50; round += 1) versions.push(await store.write('key', 'value'), await store.write('key', undefined));
    expect(new Set(versions).size).toBe(100);
  });

  it('rejects once its directory is gone, instead of writing where nobody reads', async () => {
    const { directory, open } = setUp();
    const store = open();
    await store.write('key', 'value');
    rmSync(directory, { recursive: true });
    await expect(store.read('key')).rejects.toThrow();
    await expect(store.write('key', 'next')).rejects.toThrow();
  });
});
