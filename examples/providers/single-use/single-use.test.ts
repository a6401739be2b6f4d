import { authorizedFetch, type Fetch, memoryStore, type Store } from '@auth/core';
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

  it('does not exchange a code twice when the answer is lost', async () => {
    const { providerWith, fetch, approve, tokenCalls } = setUp();
    const provider = providerWith({ fetch: losing(fetch) });
    const session = await provider.connect.start({ userId: 'reader-1', redirectUri });
    const completing = provider.connect.complete(approve(session.url), session);
    await expect(completing).rejects.toMatchObject({ code: 'outcome_unknown', operation: 'connect.complete' });
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
    const write: Store['write'] = (key, value, options) => {
      written.push(value ?? '');
      return store.write(key, value, options);
    };
    const other = providerWith({ store: { ...store, write } });
    expect((await other.asUser(id).token()).value).toBe('access-2');
    const [refreshToken, token] = ['refresh-2', 'access-2'].map((text) => written.findIndex((value) => value.includes(text)));
    expect(refreshToken).toBeGreaterThanOrEqual(0);
    expect(refreshToken).toBeLessThanOrEqual(token ?? -1);
  });

  it('never sends a refresh token again whose answer was lost, in no process, until the user connects again', async () => {
    const { connected, clock, providerWith, fetch, tokenCalls, provider, call } = setUp();
    const id = await connected();
    clock.advance(DAY);
    const failing = providerWith({ fetch: losing(fetch) });
    await expect(failing.asUser(id).token()).rejects.toMatchObject({ code: 'outcome_unknown', operation: 'asUser.token' });
    for (const asked of [failing, provider, providerWith()])
      await expect(asked.asUser(id).token()).rejects.toMatchObject({ code: 'outcome_unknown' });
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

  it('leaves a refusal alone that is about the plan', async () => {
    const { connected, provider, tokenCalls } = setUp();
    expect((await authorizedFetch(provider.asUser(await connected()))('premium')).status).toBe(401);
    expect(tokenCalls()).toBe(1);
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
  it('forgets the refresh token too: the user has to connect again', async () => {
    const { provider, connected } = setUp();
    const id = await connected();
    await provider.revocation.revoke(id);
    await expect(provider.asUser(id).token()).rejects.toMatchObject({ code: 'reconnect_required' });
  });
});
