import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileStore } from '../test/file-store.ts';
import { memoryStore } from './memory-store.ts';
import type { Store } from './store.ts';
import { fakeClock } from './testing/index.ts';

const inMemory = () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  return { connect: () => store, advance: clock.advance };
};

const inFile = () => {
  const directory = mkdtempSync(join(tmpdir(), 'auth-core-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const clock = fakeClock();
  /** A connection of its own, as another process would have. */
  const connect = (): Store => {
    const store = fileStore(join(directory, 'store.db'), { now: clock.now });
    onTestFinished(store.close);
    return store;
  };
  return { directory, connect, advance: clock.advance };
};

// The store of the tests with real processes must itself keep the contract, or those tests would mean nothing.
describe.each([
  ['memoryStore', inMemory],
  ['the file store of the tests', inFile],
])('%s', (_, open) => {
  const setUp = () => {
    const { connect, advance } = open();
    const [one, other] = [connect(), connect()];
    return { one, other, advance };
  };

  it('shows one connection what another one wrote last, also an empty text, and nothing under other keys', async () => {
    const { one, other } = setUp();
    await one.write('key', 'first');
    const version = await one.write('key', '', { ifVersion: undefined });
    expect(await other.read('key')).toEqual({ value: '', version });
    expect([await other.read('another'), await open().connect().read('key')]).toEqual([undefined, undefined]);
  });

  it('lets one of two connections write over nothing, and one over a version', async () => {
    const { one, other } = setUp();
    const races = (ifVersion: string | null) =>
      Promise.all([one.write('key', 'mine', { ifVersion }), other.write('key', 'theirs', { ifVersion })]);
    const [first = null, ...rest] = await races(null);
    expect([first, ...rest]).toEqual([expect.any(String), undefined]);
    const [second, ...others] = await races(first);
    expect([second, ...others]).toEqual([expect.any(String), undefined]);
    expect(await other.read('key')).toEqual({ value: 'mine', version: second });
  });

  it('deletes, under the same conditions, and answers a version', async () => {
    const { one, other } = setUp();
    const version = await one.write('key', 'value');
    expect(await other.write('key', undefined, { ifVersion: 'another' })).toBeUndefined();
    expect(await one.read('key')).toEqual({ value: 'value', version });
    expect(await other.write('key', undefined, { ifVersion: version })).toEqual(expect.any(String));
    expect(await one.read('key')).toBeUndefined();
    expect(await one.write('key', 'next', { ifVersion: version })).toBeUndefined();
    expect(await one.read('key')).toBeUndefined();
  });

  it('leaves the time to live as it was when a condition fails', async () => {
    const { one, advance } = setUp();
    const version = await one.write('key', 'value', { ttl: 1_000 });
    expect(await one.write('key', 'other', { ifVersion: null, ttl: 9_000 })).toBeUndefined();
    expect(await one.read('key')).toEqual({ value: 'value', version });
    advance(1_000);
    expect(await one.read('key')).toBeUndefined();
  });

  it('ends an entry for reads and for both conditions, by its own clock', async () => {
    const { one, advance } = setUp();
    const ended = await one.write('a', 'value', { ttl: 1_000 });
    for (const key of ['b', 'c']) await one.write(key, 'value', { ttl: 1_000 });
    advance(999);
    expect(await one.read('a')).toEqual({ value: 'value', version: ended });
    advance(1);
    expect(await one.write('a', 'next', { ifVersion: ended })).toBeUndefined();
    expect(await one.write('b', 'next', { ifVersion: null })).toEqual(expect.any(String));
    expect(await one.read('c')).toBeUndefined();
  });

  it('sets the time to live again with every write', async () => {
    const { one, advance } = setUp();
    for (const key of ['a', 'b']) await one.write(key, 'value', { ttl: 1_000 });
    advance(500);
    await one.write('a', 'again', { ttl: 1_000 });
    await one.write('b', 'lasting');
    advance(999);
    expect(await one.read('a')).toMatchObject({ value: 'again' });
    advance(1);
    expect(await one.read('a')).toBeUndefined();
    advance(1_000_000);
    expect(await one.read('b')).toMatchObject({ value: 'lasting' });
  });

  it('never uses a version twice, not even after a deletion or the end of an entry', async () => {
    const { one, advance } = setUp();
    const versions: (string | undefined)[] = [];
    for (let round = 0; round < 50; round += 1) {
      versions.push(await one.write('key', 'value', { ttl: 1 }), await one.write('key', 'value'), await one.write('key', undefined));
      advance(1);
    }
    expect(new Set(versions).size).toBe(150);
  });
});

describe('the file store of the tests', () => {
  it('rejects once its directory is gone, instead of writing where nobody reads', async () => {
    const { directory, connect } = inFile();
    const store = connect();
    await store.write('key', 'value');
    rmSync(directory, { recursive: true });
    await expect(store.read('key')).rejects.toThrow();
    await expect(store.write('key', 'next')).rejects.toThrow();
  });
});
