import { describe, expect, it, onTestFinished } from 'vitest';
import { createEngine } from './engine/engine.ts';
import type { ManagedOptions, TokenSource } from './index.ts';
import { managed, memoryStore } from './index.ts';

const source: TokenSource = { token: async () => ({ value: 'a', issuedAt: Date.now(), expiresAt: null }) };

/** Any arguments. */
const untyped: (...given: readonly unknown[]) => unknown = managed as never; // that is what is tested

const messageOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    expect(error).toMatchObject({ code: 'misconfigured' });
    return error instanceof Error ? error.message : error;
  }
};

describe('managed', () => {
  const TAKES = 'managed takes a source: managed({ token: async ({ signal }) => … }).';

  it.each<[string, readonly unknown[], unknown]>([
    ['a function', [source.token], TAKES],
    ['nothing', [], TAKES],
    ['a token', [{ value: 'a', issuedAt: 0, expiresAt: null }], TAKES],
    ['no options, as null', [source, null], 'managed takes an object of options: managed(source, { store, key }).'],
    [
      'a misspelt option',
      [source, { stroe: memoryStore(), key: 'k' }],
      expect.stringMatching(/^stroe is not an option of managed; the options are store, key, .*\.$/),
    ],
    [
      'a client for a store',
      [source, { store: new Map(), key: 'k' }],
      'The options are not valid: store must be a store, with read and write: pass memoryStore() or redisStore(client), not the client.',
    ],
    ['a wrong observer', [source, { observe: console }], 'The options are not valid: observe must be a function that takes an event.'],
    ['a wrong clock', [source, { clock: Date }], 'The options are not valid: clock must be a clock, with now, monotonic and after.'],
    [
      'a wrong policy and a wrong keeper of work',
      [source, { whenStoreIsDown: 'refused', waitUntil: true }],
      'The options are not valid: whenStoreIsDown must be serve or refuse; waitUntil must be a function that takes a promise.',
    ],
  ])('says what it takes instead of %s', (_, given, message) => {
    expect(messageOf(() => untyped(...given))).toEqual(message);
  });

  it('takes options that are undefined, as those that are left out', async () => {
    const nothing = { store: undefined, key: undefined, observe: undefined, clock: undefined, tenant: undefined };
    expect(await managed(source, nothing).token()).toMatchObject({ value: 'a' });
  });

  it('takes nothing that somebody put on Object.prototype', async () => {
    const polluted = { store: 'evil', observe: 'evil', key: 'evil', tenant: 'evil', clock: 'evil' };
    onTestFinished(() => {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    });
    for (const [name, value] of Object.entries(polluted))
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    const inherited: ManagedOptions = Object.create({ store: 'evil', provider: 'evil' });
    expect(await managed(source).token()).toMatchObject({ value: 'a' });
    expect(await managed(source, inherited).status()).toMatchObject({ provider: 'custom' });
    expect(
      await createEngine(() => source, {})
        .of()
        .token(),
    ).toMatchObject({ value: 'a' });
  });
});
