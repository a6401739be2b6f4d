import { AuthError, authorizedFetch, type Fetch, memoryStore, type Store } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { singleUseFake } from './fake.ts';
import type { SingleUseOptions } from './options.ts';
import { type SingleUseProvider, singleUse } from './single-use.ts';

const redirectUri = 'https://product.example/callback';
const DAY = 86_400_000;

const setUp = (options: Partial<SingleUseOptions> = {}) => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const fake = singleUseFake(clock);
  const store = options.store ?? memoryStore({ clock });
  const base = {
    clientId: 'client-1',
    clientSecret: 'the-secret',
    baseUrl: 'https://api.vendor.example/',
    fetch: fake.fetch,
    clock,
    store,
  };
  const providerWith = (more: Partial<SingleUseOptions> = {}): SingleUseProvider => singleUse({ ...base, ...options, ...more });
  const provider = providerWith();
  const connected = async (through = provider): Promise<string> => {
    const session = await through.connect.start({ userId: 'reader-1', redirectUri });
    return (await through.connect.complete(fake.approve(session.url), session)).userId;
  };
  const call = async (userId: string, through = provider): Promise<number> =>
    (await authorizedFetch(through.asUser(userId))('accounts')).status;
  return { ...fake, clock, store, provider, providerWith, connected, call };
};

/** Time goes on until the work is done: hashes come from another thread, whenever that has them, and those who wait look again by the clock. */
const goingOn = async <T>(clock: FakeClock, work: Promise<T>): Promise<T> => {
  let isDone = false;
  const end = (): void => {
    isDone = true;
  };
  work.then(end, end);
  while (!isDone) {
    await clock.settle(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return work;
};

/** The fake's answers to token requests get lost on their way. */
const losing =
  (fetch: Fetch): Fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (new URL(input instanceof Request ? input.url : input).pathname === '/token') throw new TypeError('the line broke');
    return response;
  };

describe('connect', () => {
  it('names a connection of its own each time, and its token is there without another request', async () => {
    const { connected, call, tokenCalls } = setUp();
    const ids = [await connected(), await connected()];
    expect(ids).toEqual(['connection-1', 'connection-2']);
    expect([await call('connection-1'), await call('connection-2'), tokenCalls()]).toEqual([200, 200, 2]);
  });

  it('exchanges nothing for a foreign state, a used one, or a user who declined', async () => {
    const { provider, approve, deny, tokenCalls } = setUp();
    const session = await provider.connect.start({ userId: 'reader-1', redirectUri });
    const callback = approve(session.url);
    await expect(provider.connect.complete(callback.replace(/state=[^&]+/, 'state=foreign'), session)).rejects.toMatchObject({
      code: 'state_mismatch',
    });
    await provider.connect.complete(callback, session);
    await expect(provider.connect.complete(callback, session)).rejects.toMatchObject({ code: 'state_mismatch' });
    const other = await provider.connect.start({ userId: 'reader-1', redirectUri });
    await expect(provider.connect.complete(deny(other.url), other)).rejects.toMatchObject({ code: 'consent_denied' });
    expect(tokenCalls()).toBe(1);
  });

  it('does not exchange a code twice when the answer is lost', async () => {
    const { providerWith, fetch, approve, tokenCalls } = setUp();
    const provider = providerWith({ fetch: losing(fetch) });
    const session = await provider.connect.start({ userId: 'reader-1', redirectUri });
    await expect(provider.connect.complete(approve(session.url), session)).rejects.toMatchObject({
      code: 'outcome_unknown',
      operation: 'connect.complete',
    });
    expect(tokenCalls()).toBe(1);
  });

  it('says so when the connection cannot be stored', async () => {
    let isDown = false;
    const inner = memoryStore();
    const down = async (): Promise<never> => {
      throw new Error('down');
    };
    const store: Store = {
      read: (...of) => (isDown ? down() : inner.read(...of)),
      write: (...of) => (isDown ? down() : inner.write(...of)),
    };
    const { provider, approve, fetch, providerWith } = setUp({ store });
    const failing = providerWith({
      fetch: async (...request) => {
        const response = await fetch(...request);
        isDown = true;
        return response;
      },
    });
    const session = await provider.connect.start({ userId: 'reader-1', redirectUri });
    await expect(failing.connect.complete(approve(session.url), session)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('asUser', () => {
  it('spends each refresh token once, however many ask in two processes', async () => {
    const { connected, call, clock, provider, providerWith, tokenCalls } = setUp();
    const id = await connected();
    const other = providerWith();
    for (let day = 1; day <= 3; day += 1) {
      clock.advance(DAY);
      const calls = Promise.all(Array.from({ length: 40 }, (_, index) => call(id, index % 2 === 0 ? provider : other)));
      expect(new Set(await goingOn(clock, calls))).toEqual(new Set([200]));
      expect(tokenCalls()).toBe(1 + day);
    }
  });

  it('has the next refresh token in the store before anybody gets the token', async () => {
    const { connected, clock, providerWith, store } = setUp();
    const id = await connected();
    clock.advance(DAY);
    const written: string[] = [];
    const write: Store['write'] = async (key, value, options) => {
      const version = await store.write(key, value, options);
      written.push(value ?? '');
      return version;
    };
    const token = await providerWith({ store: { ...store, write } })
      .asUser(id)
      .token();
    expect(token.value).toBe('access-2');
    expect(written.some((value) => value.includes('refresh-2'))).toBe(true);
    expect(written.findIndex((value) => value.includes('refresh-2'))).toBeLessThanOrEqual(
      written.findIndex((value) => value.includes('access-2')),
    );
  });

  it('never sends a refresh token again whose answer was lost, in no process, until the user connects again', async () => {
    const { connected, clock, providerWith, fetch, tokenCalls, provider, call } = setUp();
    const id = await connected();
    clock.advance(DAY);
    const failing = providerWith({ fetch: losing(fetch) });
    await expect(failing.asUser(id).token()).rejects.toMatchObject({ code: 'outcome_unknown', operation: 'asUser.token' });
    for (const asked of [failing, provider, providerWith()]) {
      const error: unknown = await asked
        .asUser(id)
        .token()
        .catch((reason: unknown) => reason);
      expect(AuthError.is(error) && error.code).toBe('outcome_unknown');
    }
    expect(tokenCalls()).toBe(2);
    expect(await call(await connected())).toBe(200);
  });

  it('keeps a refresh token that the vendor leaves as it is', async () => {
    const { connected, call, clock, keepRefreshTokens, tokenCalls } = setUp();
    const id = await connected();
    keepRefreshTokens();
    for (let day = 0; day < 3; day += 1) {
      clock.advance(DAY);
      expect(await call(id)).toBe(200);
    }
    expect(tokenCalls()).toBe(4);
  });

  it('renews a refused token once for all, and leaves a refusal alone that is about the plan', async () => {
    const { connected, call, provider, refuseTokens, tokenCalls } = setUp();
    const id = await connected();
    refuseTokens();
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => call(id))))).toEqual(new Set([200]));
    expect((await authorizedFetch(provider.asUser(id))('premium')).status).toBe(401);
    expect(tokenCalls()).toBe(2);
  });

  it('asks the user for what nobody else can give', async () => {
    const { provider, connected, clock, tokenCalls, fetch } = setUp();
    await expect(provider.asUser('connection-9').token()).rejects.toMatchObject({ code: 'reconnect_required' });
    const id = await connected();
    // Somebody else spends it.
    const body = new URLSearchParams({
      client_id: 'client-1',
      client_secret: 'the-secret',
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
    });
    await fetch('https://api.vendor.example/token', { method: 'POST', body });
    clock.advance(DAY);
    await expect(provider.asUser(id).token()).rejects.toMatchObject({ code: 'reconnect_required', vendorCode: 'invalid_grant' });
    expect(tokenCalls()).toBe(3);
  });

  it('cannot be made without a store', () => {
    // @ts-expect-error: a refresh token in one process only is lost with it
    expect(() => singleUse({ clientId: 'c', clientSecret: 's', baseUrl: 'https://api.vendor.example/' })).toThrow('store is missing');
  });
});

describe('revocation', () => {
  it('ends the token at the vendor, forgets the refresh token, and may be repeated', async () => {
    const { provider, connected } = setUp();
    const id = await connected();
    expect([await provider.revocation.revoke(id), await provider.revocation.revoke(id)]).toEqual([{ existed: true }, { existed: false }]);
    await expect(provider.asUser(id).token()).rejects.toMatchObject({ code: 'reconnect_required' });
  });
});
