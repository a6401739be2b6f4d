import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '@auth/conformance';
import { fakeClock } from '@auth/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { newPath, open, rowsIn } from '../test/place.ts';
import { type SqliteStore, sqliteStore } from './index.ts';

describe('sqliteStore', () => {
  const directory = mkdtempSync(join(tmpdir(), 'auth-store-sqlite-'));
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const handles: SqliteStore[] = [];
  const handle = (path: string): SqliteStore => {
    const store = sqliteStore({ path, clock });
    handles.push(store);
    return store;
  };
  const close = async (): Promise<void> => {
    for (const store of handles.splice(0)) await store[Symbol.asyncDispose]();
  };
  afterAll(async () => {
    await close();
    rmSync(directory, { recursive: true });
  });
  const contract = storeContract({
    create: () => handle(join(directory, 'tokens.db')),
    elapse: clock.advance,
    restart: close,
    unreachable: () => handle(join(directory, 'tokens.db', 'tokens.db')),
  });
  for (const { name, run } of contract) it(name, run);
});

describe('the time to live', () => {
  it.each([
    [60_000, 59_999, 60_000],
    [undefined, 1e15, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, 1e15, Number.POSITIVE_INFINITY],
  ])('of %s ms is the same to all processes and over restarts, as the wall clock judges it', async (ttl, last, end) => {
    const path = newPath();
    const at = (now: number) => open({ path, clock: fakeClock({ now: 1_000_000 + now }) });
    await at(0).write('key', 'value', { ttl });
    expect(await at(last).read('key')).toMatchObject({ value: 'value' });
    if (end < Number.POSITIVE_INFINITY) expect(await at(end).read('key')).toBeUndefined();
  });
});

describe('what has expired', () => {
  it('is removed as others are written, so that the file stays bounded', async () => {
    const path = newPath();
    const clock = fakeClock();
    const store = open({ path, clock });
    const writeMany = async (name: string): Promise<number> => {
      for (let entry = 0; entry < 400; entry += 1) await store.write(`${name}:${entry}`, 'x'.repeat(600), { ttl: 1_000 });
      clock.advance(1_000);
      return rowsIn(path);
    };
    const first = await writeMany('first');
    for (const name of ['second', 'third', 'fourth']) expect(await writeMany(name)).toBeLessThanOrEqual(first + 50);
  });

  it('is removed by and by where nothing is written', async () => {
    const path = newPath();
    const clock = fakeClock();
    const store = open({ path, clock });
    for (let entry = 0; entry < 1_200; entry += 1) await store.write(`old:${entry}`, 'value', { ttl: 1_000 });
    await store.write('lasting', 'value');
    clock.advance(59_999);
    expect(rowsIn(path)).toBe(1_201);
    clock.advance(1);
    expect(rowsIn(path)).toBe(701);
    clock.advance(2_000);
    expect(rowsIn(path)).toBe(1);
    expect(await store.read('lasting')).toBeDefined();
  });
});

describe('a deleted value', () => {
  it('is not in the file any more', async () => {
    const path = newPath();
    const store = sqliteStore({ path });
    for (let entry = 0; entry < 50; entry += 1) await store.write(`key:${entry}`, `planted-secret-${entry}-${'x'.repeat(600)}`);
    for (let entry = 0; entry < 50; entry += 1) await store.write(`key:${entry}`, undefined);
    await store[Symbol.asyncDispose]();
    expect(statSync(path).size).toBeGreaterThan(0);
    expect(readFileSync(path).includes('planted-secret')).toBe(false);
  });
});

describe('keys', () => {
  it('lists every key once, also of more than one page, and none that has expired', async () => {
    const clock = fakeClock();
    const store = open({ path: newPath(), clock });
    const names = ['', ...Array.from({ length: 1_100 }, (_, index) => `key:${index}`)];
    for (const name of names) await store.write(name, 'value');
    await store.write('gone', 'value', { ttl: 10 });
    clock.advance(10);
    const listed: string[] = [];
    for await (const key of store.keys()) listed.push(key);
    expect(listed.toSorted()).toEqual(names.toSorted());
  });
});

describe('half a character', () => {
  it('is refused, because it would come back as another one', async () => {
    const store = open({ path: newPath() });
    for (const work of [() => store.read('\ud800'), () => store.write('\ud800', 'value'), () => store.write('key', '\udc00')])
      await expect(work()).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('what only a caller without types can give', () => {
  const refusal = expect.objectContaining({ name: 'AuthError', code: 'misconfigured' });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a path alone', './tokens.db'],
    ['a URL', { path: new URL('file:///tokens.db') }],
    ['a clock that is none', { path: './tokens.db', clock: { now: Date.now } }],
  ])('is misconfigured as options: %s', (_, options) => {
    expect(() => Reflect.apply(sqliteStore, undefined, [options])).toThrow(refusal);
  });

  it.each([
    ['a key', [7, 'value']],
    ['a value', ['key', null]],
    ['options', ['key', 'value', 'version']],
    ['a version', ['key', 'value', { ifVersion: {} }]],
    ['a ttl', ['key', 'value', { ttl: '60' }]],
    ['a ttl that is no number', ['key', 'value', { ttl: Number.NaN }]],
  ])('is misconfigured in a write, which touches nobody else: %s', async (_, given) => {
    const store = open({ path: newPath(), clock: fakeClock() });
    await store.write('key', 'before');
    const wrong: Promise<unknown> = Reflect.apply(store.write, undefined, given);
    await Promise.all([expect(wrong).rejects.toEqual(refusal), expect(store.write('other', 'value')).resolves.toEqual(expect.any(String))]);
    expect(await store.read('key')).toMatchObject({ value: 'before' });
  });

  it('is misconfigured as the key of a read', async () => {
    const store = open({ path: newPath() });
    await expect(Reflect.apply(store.read, undefined, [undefined])).rejects.toEqual(refusal);
  });
});
