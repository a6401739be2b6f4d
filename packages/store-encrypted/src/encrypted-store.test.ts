import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { storeContract } from '@auth/conformance';
import { AuthError } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { type SqliteStore, sqliteStore } from '@auth/store-sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { failureOf, headerOf, keyOf, sealed, setUp } from '../test/setup.ts';
import { encryptedStore } from './index.ts';

const KEYS = [keyOf('new'), keyOf('old')];

describe('encryptedStore over sqliteStore', () => {
  const directory = mkdtempSync(join(tmpdir(), 'auth-store-encrypted-'));
  const clock = fakeClock();
  const files: SqliteStore[] = [];
  const over = (path: string) => {
    const file = sqliteStore({ path, clock });
    files.push(file);
    return encryptedStore(file, { keys: KEYS, clock });
  };
  const close = async (): Promise<void> => {
    for (const file of files.splice(0)) await file[Symbol.asyncDispose]();
  };
  afterAll(async () => {
    await close();
    rmSync(directory, { recursive: true });
  });
  const contract = storeContract({
    create: () => over(join(directory, 'tokens.db')),
    elapse: clock.advance,
    restart: close,
    unreachable: () => over(join(directory, 'tokens.db', 'tokens.db')),
  });
  for (const { name, run } of contract) it(name, run);
});

describe('what the inner store gets', () => {
  it('is compact JWE with the id of the first key, and the condition and ttl as they are', async () => {
    const { inner, ...stores } = setUp();
    const store = stores.with(...KEYS);
    const version = await store.write('user:17', 'value', { ifVersion: null, ttl: 5_000 });
    const [write] = inner.writes;
    expect(write?.text?.split('.').length).toBe(5);
    expect(headerOf(write?.text)).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'new', name: expect.stringMatching(/^[\w-]{43}$/) });
    expect(write?.options).toEqual({ ifVersion: null, ttl: 5_000 });
    expect((await inner.read(write?.name ?? ''))?.version).toBe(version);
  });

  it('contains neither the value nor the key in clear, and is never the same twice', async () => {
    const { inner, ...stores } = setUp();
    const store = stores.with(...KEYS);
    for (let time = 0; time < 2; time += 1) await store.write('planted-name', 'planted-secret', { ttl: 60_000 });
    const everything = JSON.stringify(inner.writes) + JSON.stringify(inner.writes.map(({ text }) => headerOf(text)));
    for (const text of ['planted', ...['planted-secret', 'planted-name'].map((plain) => Buffer.from(plain).toString('base64url'))])
      expect(everything).not.toContain(text);
    expect(inner.writes[0]?.text).not.toBe(inner.writes[1]?.text);
  });

  it('has the same name under every key, so that entries are found after a rotation', async () => {
    const { inner, ...stores } = setUp();
    await stores.with(keyOf('one')).write('key', 'value');
    await stores.with(keyOf('other')).write('key', 'value');
    expect(inner.writes[0]?.name).toBe(inner.writes[1]?.name);
  });
});

describe('an entry that is not what was written there', () => {
  const key = keyOf('k1');
  const written = async () => {
    const { inner, ...stores } = setUp();
    const store = stores.with(key);
    await store.write('one', 'planted-secret one');
    await store.write('other', 'planted-secret other');
    const [one, other] = inner.writes.map(({ name, text = '' }) => ({ name, text }));
    if (!one || !other) throw new Error('Nothing was written.');
    return { inner, store, one, other, header: { alg: 'dir', enc: 'A256GCM', kid: 'k1', name: String(headerOf(one.text)['name']) } };
  };
  type Written = Awaited<ReturnType<typeof written>>;
  const content = JSON.stringify([1, 'planted-secret', null, null]);

  const parts = ({ one }: Written): string[] => one.text.split('.');
  const withPart = (index: number, change: (part: string) => string) => (entries: Written) =>
    parts(entries)
      .map((part, at) => (at === index ? change(part) : part))
      .join('.');
  const flipped = (part: string): string => `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`;
  const withHeader = (change: object) => (entries: Written) =>
    withPart(0, () => Buffer.from(JSON.stringify({ ...entries.header, ...change })).toString('base64url'))(entries);

  const FORGERIES: readonly (readonly [string, (entries: Written) => string | Promise<string>])[] = [
    ["another key's entry", ({ other }) => other.text],
    ["another key's entry under this one's header", (entries) => [parts(entries)[0], ...entries.other.text.split('.').slice(1)].join('.')],
    ['one with another initialization vector', withPart(2, flipped)],
    ['one with another ciphertext', withPart(3, flipped)],
    ['one with another tag', withPart(4, flipped)],
    ['one with an encrypted key', withPart(1, () => 'AAAA')],
    ['one that was cut off', ({ one }) => one.text.slice(0, -7)],
    ['one without a tag', withPart(4, () => '')],
    ['one of four parts', ({ one }) => one.text.split('.').slice(0, 4).join('.')],
    ['an empty text', () => ''],
    ['a plain value', () => 'planted-secret'],
    ['the JSON of an entry', () => content],
    ['alg none', withHeader({ alg: 'none' })],
    ['alg RSA-OAEP', withHeader({ alg: 'RSA-OAEP' })],
    ['alg A256KW', withHeader({ alg: 'A256KW' })],
    ['enc A128GCM under half of the key', ({ header }) => sealed(content, { ...header, enc: 'A128GCM' }, key.key.slice(0, 16))],
    ['enc A128CBC-HS256 under the key', ({ header }) => sealed(content, { ...header, enc: 'A128CBC-HS256' }, key.key)],
    ['one that is compressed', ({ header }) => sealed(content, { ...header, zip: 'DEF' }, key.key)],
    ['one with another member in its header', ({ header }) => sealed(content, { ...header, typ: 'JWT' }, key.key)],
    ['one without the name', ({ header: { name: _, ...header } }) => sealed(content, header, key.key)],
    ['one without the id of a key', ({ header: { kid: _, ...header } }) => sealed(content, header, key.key)],
    ['a layout of later times', ({ header }) => sealed(JSON.stringify([2, 'planted-secret']), header, key.key)],
    ['one under another key of the same id', ({ header }) => sealed(content, header, keyOf('k1').key)],
    ['an id that is no id', ({ header }) => sealed(content, { ...header, kid: 'planted-secret\n' }, key.key)],
  ];

  it.each(FORGERIES)('%s: is misconfigured, and nothing of it is shown', async (_, forge) => {
    const entries = await written();
    await entries.inner.write(entries.one.name, await forge(entries));
    const error = await failureOf(entries.store.read('one'));
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'encrypted', retryable: false });
    for (const shown of [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.message, error.stack ?? ''])
      expect(shown).not.toContain('planted-secret');
    expect(await entries.store.read('other')).toMatchObject({ value: 'planted-secret other' });
  });

  it('and what is sealed like an entry is one, so these forgeries fail for their own reasons', async () => {
    const { inner, store, one, header } = await written();
    await inner.write(one.name, await sealed(content, header, key.key));
    expect(await store.read('one')).toMatchObject({ value: 'planted-secret' });
  });

  it.each([
    ['an unknown key', '2026-01', '2025-07, which is not in the option keys'],
    ['another key of the same id', '2025-07', 'the key 2025-07'],
  ])('under %s: is misconfigured, and the id and the entry are named', async (_, id, said) => {
    const { inner, ...stores } = setUp();
    await stores.with(keyOf('2025-07')).write('key', 'value');
    const error = await failureOf(stores.with(keyOf(id)).read('key'));
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining(said) });
    expect(error.message).toContain(inner.writes[0]?.name);
  });
});

describe('encryptedStore', () => {
  it('tells a failure of the inner store as that tells it', async () => {
    const down = new AuthError('Down.', { code: 'store_unavailable', provider: 'acme', operation: 'store.read' });
    const store = encryptedStore({ read: () => Promise.reject(down), write: () => Promise.reject(down) }, { keys: KEYS });
    await expect(store.read('key')).rejects.toBe(down);
    await expect(store.write('key', 'value')).rejects.toBe(down);
  });

  it('refuses half a character in a key, and gives it back in a value', async () => {
    const store = setUp().with(...KEYS);
    expect(await failureOf(store.read('\ud800'))).toMatchObject({ code: 'invalid_request' });
    await store.write('key', 'a\ud800');
    expect((await store.read('key'))?.value).toBe('a\ud800');
  });

  it('shows neither keys nor values when it is inspected', async () => {
    const store = setUp().with({ id: 'k1', key: 'planted-secret-planted-secret-planted-secre' });
    await store.write('key', 'planted-secret');
    expect(inspect(store, { depth: 9, showHidden: true }) + JSON.stringify(store)).not.toContain('planted');
  });
});
