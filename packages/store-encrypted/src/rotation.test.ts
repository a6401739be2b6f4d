import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthError, type Clock, managed, systemClock, type Token, type TokenSource } from '@auth/core';
import { sqliteStore } from '@auth/store-sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf, headerOf, keyOf, setUp } from '../test/setup.ts';
import { encryptedStore } from './index.ts';

const HOUR = 3_600_000;
const [OLD, NEW] = [keyOf('old'), keyOf('new')];

const kidOf = (text: string | undefined): unknown => headerOf(text)['kid'];

async function* eachOf(...keys: readonly string[]): AsyncGenerator<string> {
  yield* keys;
}

describe('an entry under an older key', () => {
  it('is read, and is under the first key from then on, with the same value; it is not written again', async () => {
    const { inner, ...stores } = setUp();
    await stores.with(OLD).write('key', 'value');
    for (let read = 0; read < 3; read += 1) expect(await stores.with(NEW, OLD).read('key')).toMatchObject({ value: 'value' });
    expect(inner.writes.map(({ text }) => kidOf(text))).toEqual(['old', 'new']);
    expect(await stores.with(NEW).read('key')).toMatchObject({ value: 'value' });
  });

  it.each([
    ['anyone who has read it can still write over it', [OLD, NEW], 'next'],
    ['anyone who has read it can still delete it', [OLD, NEW], undefined],
    ['a process that has the new key only writes over it', [NEW], 'next'],
    ['a process that has the new key only deletes it', [NEW], undefined],
  ])('keeps its version, so that %s, once', async (_, keys, value) => {
    const stores = setUp();
    const holder = stores.with(...keys);
    const version = await stores.with(OLD).write('key', 'value');
    expect(await stores.with(NEW, OLD).read('key')).toMatchObject({ version });
    expect(await holder.read('key')).toMatchObject({ version });
    expect(await holder.write('key', 'foreign', { ifVersion: 'another' })).toBeUndefined();
    expect(await holder.write('key', value, { ifVersion: version })).toEqual(expect.any(String));
    expect(await holder.write('key', 'late', { ifVersion: version })).toBeUndefined();
    expect((await stores.with(NEW, OLD).read('key'))?.value).toBe(value);
  });

  it('that was changed after it was re-encrypted is not written over', async () => {
    const stores = setUp();
    const [before, after] = [stores.with(OLD, NEW), stores.with(NEW, OLD)];
    const version = await before.write('key', 'value');
    await after.read('key');
    await after.write('key', 'theirs');
    expect(await before.write('key', 'mine', { ifVersion: version })).toBeUndefined();
    expect(await after.read('key')).toMatchObject({ value: 'theirs' });
  });

  it('is read, though the inner store takes no writes', async () => {
    const stores = setUp();
    await stores.with(OLD).write('key', 'value');
    const readOnly = { read: stores.inner.read, write: () => Promise.reject(new Error('Full.')) };
    expect(await encryptedStore(readOnly, { keys: [NEW, OLD], clock: stores.clock }).read('key')).toMatchObject({ value: 'value' });
  });

  it('is read, though the inner store never answers to the write', async () => {
    const stores = setUp();
    await stores.with(OLD).write('key', 'value');
    const writing = Promise.withResolvers<void>();
    const hanging = {
      read: stores.inner.read,
      write: () => {
        writing.resolve();
        return new Promise<never>(() => {});
      },
    };
    const reading = encryptedStore(hanging, { keys: [NEW, OLD], clock: stores.clock }).read('key');
    await writing.promise;
    stores.clock.advance(250);
    expect(await reading).toMatchObject({ value: 'value' });
  });

  it('loses nothing to a write that comes in between', async () => {
    const stores = setUp();
    const { inner } = stores;
    await stores.with(OLD).write('key', 'value');
    const overtaken = {
      read: async (name: string) => {
        const entry = await inner.read(name);
        await stores.with(NEW).write('key', 'theirs');
        return entry;
      },
      write: inner.write,
    };
    expect(await encryptedStore(overtaken, { keys: [NEW, OLD], clock: stores.clock }).read('key')).toMatchObject({ value: 'value' });
    expect(await stores.with(NEW).read('key')).toMatchObject({ value: 'theirs' });
  });
});

describe('the life of an entry that is re-encrypted', () => {
  it('is what was left of it', async () => {
    const stores = setUp();
    await stores.with(OLD).write('key', 'value', { ttl: HOUR });
    stores.clock.advance(HOUR / 4);
    const store = stores.with(NEW, OLD);
    await store.read('key');
    expect(stores.inner.writes.at(-1)?.options).toMatchObject({ ttl: (3 * HOUR) / 4 });
    stores.clock.advance((3 * HOUR) / 4 - 1);
    expect(await store.read('key')).toBeDefined();
    stores.clock.advance(1);
    expect(await store.read('key')).toBeUndefined();
  });

  it('is for ever, if it was', async () => {
    const stores = setUp();
    await stores.with(OLD).write('key', 'value');
    await stores.with(NEW, OLD).read('key');
    expect(stores.inner.writes.at(-1)).toMatchObject({ options: { ttl: undefined } });
    stores.clock.advance(1_000 * HOUR);
    expect(await stores.with(NEW).read('key')).toBeDefined();
  });

  it.each([
    ['the wall clock was put back', HOUR, -2 * HOUR],
    ['the wall clock was put forward', HOUR, 2 * HOUR],
    ['it is a lease, which ends soon', 3_000, 0],
  ])('stays as it is, because the entry is left alone, when %s', async (_, ttl, step) => {
    const stores = setUp();
    await stores.with(OLD).write('key', 'value', { ttl });
    stores.clock.step(step);
    expect(await stores.with(NEW, OLD).read('key')).toMatchObject({ value: 'value' });
    expect(stores.inner.writes.length).toBe(1);
    stores.clock.advance(ttl);
    expect(await stores.with(NEW, OLD).read('key')).toBeUndefined();
  });
});

describe('two processes that disagree about the first key', () => {
  it('read each other, and do not send entries back and forth', async () => {
    const stores = setUp();
    const [before, after] = [stores.with(OLD, NEW), stores.with(NEW, OLD)];
    await before.write('a', 'value');
    await after.write('b', 'value');
    for (let round = 0; round < 20; round += 1) {
      for (const store of [before, after]) for (const key of ['a', 'b']) expect(await store.read(key)).toMatchObject({ value: 'value' });
    }
    expect(stores.inner.writes.length).toBe(4);
  });

  it('agree in the end, an hour after the last has the new list', async () => {
    const stores = setUp();
    await stores.with(NEW, OLD).write('key', 'value');
    await stores.with(OLD, NEW).read('key');
    expect(kidOf(stores.inner.writes.at(-1)?.text)).toBe('old');
    stores.clock.advance(HOUR);
    await stores.with(NEW, OLD).read('key');
    expect(await stores.with(NEW).read('key')).toMatchObject({ value: 'value' });
  });

  it('share a single-use refresh token on one file without losing it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'auth-store-encrypted-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const refreshTokens: (string | null)[] = [];
    const engine = (...keys: readonly ReturnType<typeof keyOf>[]) => {
      const file = sqliteStore({ path: join(directory, 'tokens.db') });
      const store = encryptedStore(file, { keys });
      onTestFinished(() => file[Symbol.asyncDispose]());
      const source: TokenSource = {
        token: async ({ refreshToken, saveRefreshToken }) => {
          refreshTokens.push(refreshToken);
          // The other process re-encrypts the entry while this one has sent its refresh token to the vendor.
          for (const other of others) await other.renewAll();
          await saveRefreshToken(`refresh-${refreshTokens.length}`);
          const issuedAt = Date.now();
          return { value: `token-${refreshTokens.length}`, issuedAt, expiresAt: issuedAt + HOUR };
        },
      };
      const tokens = managed(source, { store, key: 'acme', singleUse: true, clock: systemClock });
      onTestFinished(() => tokens[Symbol.asyncDispose]());
      return { tokens, renewAll: () => store.rekey(file.keys()) };
    };
    const [before, after] = [engine(OLD, NEW), engine(NEW, OLD)];
    const others = [after];
    for (const { tokens } of [before, after, before]) {
      const token = await tokens.token();
      await tokens.invalidate(token);
    }
    expect(refreshTokens).toEqual([null, 'refresh-1', 'refresh-2']);
  });
});

describe('after a key was changed and the old one taken out', () => {
  /** What an engine kept under the old key, with everything re-encrypted since. */
  const changed = async (singleUse: boolean, before: TokenSource) => {
    const stores = setUp();
    const engine = (source: TokenSource, ...keys: readonly ReturnType<typeof keyOf>[]) =>
      managed(source, {
        store: stores.with(...keys),
        key: 'acme',
        account: 'acme',
        fingerprint: () => 'print',
        singleUse,
        clock: stores.clock,
      });
    const first = engine(before, OLD);
    await first.token().catch(() => {});
    await first[Symbol.asyncDispose]();
    const names = new Set(stores.inner.writes.map(({ name }) => name));
    expect(await stores.with(NEW, OLD).rekey(names)).toMatchObject({ left: 0 });
    return { clock: stores.clock, engine: (source: TokenSource) => engine(source, NEW) };
  };
  const issue = (clock: Clock, value: string): Token => ({ value, issuedAt: clock.now(), expiresAt: clock.now() + HOUR });

  it('a single-use refresh token goes on from where it was', async () => {
    const { clock, engine } = await changed(true, {
      token: async ({ saveRefreshToken }) => {
        await saveRefreshToken('refresh-1');
        return issue(systemClock, 'token-0');
      },
    });
    const refreshTokens: (string | null)[] = [];
    const tokens = engine({
      token: async ({ refreshToken, saveRefreshToken }) => {
        refreshTokens.push(refreshToken);
        await saveRefreshToken(`refresh-${refreshTokens.length + 1}`);
        return issue(clock, `token-${refreshTokens.length}`);
      },
    });
    for (const value of ['token-0', 'token-1', 'token-2']) {
      const token = await tokens.token();
      expect(token.value).toBe(value);
      await tokens.invalidate(token);
    }
    expect(refreshTokens).toEqual(['refresh-1', 'refresh-2']);
  });

  it('a secret that was accepted can be refused, and is not tried again', async () => {
    const { engine } = await changed(false, { token: async () => ({ value: 'token-0', issuedAt: 0, expiresAt: 1 }) });
    let attempts = 0;
    const refusing: TokenSource = {
      token: async () => {
        attempts += 1;
        throw new AuthError('Refused.', { code: 'invalid_credentials', provider: 'acme', operation: 'token' });
      },
    };
    for (const tokens of [engine(refusing), engine(refusing)])
      expect(await failureOf(tokens.token())).toMatchObject({ code: 'invalid_credentials' });
    expect(attempts).toBe(1);
  });
});

describe('rekey', () => {
  it('re-encrypts what is under other keys, with its version and its life, and tells how far it is', async () => {
    const { inner, ...stores } = setUp();
    const versions: unknown[] = [];
    for (const key of ['a', 'b', 'c']) versions.push(await stores.with(OLD).write(key, `value of ${key}`, { ttl: HOUR }));
    await stores.with(NEW).write('c', 'value of c');
    const seen: unknown[] = [];
    const progress = await stores.with(NEW, OLD).rekey(eachOf('a', 'absent', 'b', 'c'), { onProgress: (now) => seen.push(now) });
    expect(progress).toEqual({ done: 4, rewritten: 2, left: 0, inClear: 0 });
    expect(seen).toEqual([
      { done: 1, rewritten: 1, left: 0, inClear: 0 },
      { done: 2, rewritten: 1, left: 0, inClear: 0 },
      { done: 3, rewritten: 2, left: 0, inClear: 0 },
      { done: 4, rewritten: 2, left: 0, inClear: 0 },
    ]);
    for (const key of ['a', 'b', 'c']) expect(await stores.with(NEW).read(key)).toMatchObject({ value: `value of ${key}` });
    expect((await stores.with(NEW).read('b'))?.version).toBe(versions[1]);
    expect(inner.writes.at(-1)?.options).toMatchObject({ ttl: HOUR });
  });

  it('goes over a whole file of SQLite while it is being listed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'auth-store-encrypted-'));
    const file = sqliteStore({ path: join(directory, 'tokens.db') });
    onTestFinished(async () => {
      await file[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    });
    const before = encryptedStore(file, { keys: [OLD] });
    for (let entry = 0; entry < 1_100; entry += 1) await before.write(`key:${entry}`, `value ${entry}`);
    const progress = await encryptedStore(file, { keys: [NEW, OLD] }).rekey(file.keys());
    expect(progress).toEqual({ done: 1_100, rewritten: 1_100, left: 0, inClear: 0 });
    const after = encryptedStore(file, { keys: [NEW] });
    for (const entry of [0, 499, 500, 1_099]) expect(await after.read(`key:${entry}`)).toMatchObject({ value: `value ${entry}` });
  });

  it('takes leases too, and entries that were re-encrypted a moment ago', async () => {
    const stores = setUp();
    await stores.with(OLD).write('lease', 'holder', { ttl: 3_000 });
    await stores.with(NEW).write('key', 'value');
    await stores.with(OLD, NEW).read('key');
    expect(await stores.with(NEW, OLD).rekey(eachOf('lease', 'key'))).toEqual({ done: 2, rewritten: 2, left: 0, inClear: 0 });
  });

  it('counts what it has to leave, and what is in clear beside the encrypted entries, and leaves both alone', async () => {
    const { inner, clock, ...stores } = setUp();
    await inner.write('before', 'token in clear');
    await stores.with(OLD).write('late', 'value', { ttl: HOUR });
    await stores.with(OLD).write('key', 'value');
    clock.step(2 * HOUR);
    const names = eachOf('before', 'late', 'key');
    expect(await stores.with(NEW, OLD).rekey(names)).toEqual({ done: 3, rewritten: 1, left: 1, inClear: 1 });
    expect(await inner.read('before')).toMatchObject({ value: 'token in clear' });
  });

  it('rejects at an entry under an unknown key, and names both', async () => {
    const { inner, ...stores } = setUp();
    await stores.with(keyOf('lost')).write('key', 'value');
    const error = await failureOf(stores.with(NEW, OLD).rekey(eachOf('key')));
    expect(error).toMatchObject({ code: 'misconfigured' });
    expect(error.message).toContain('lost');
    expect(error.message).toContain(inner.writes[0]?.name);
  });

  it('ends with its signal', async () => {
    const stores = setUp();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const running = stores.with(NEW, OLD).rekey(eachOf('a', 'b'), { onProgress, signal: controller.signal });
    expect(await failureOf(running)).toMatchObject({ code: 'aborted' });
  });
});
