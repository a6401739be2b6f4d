import { inspect } from 'node:util';
import type { AuthEvent, Fetch, Token } from '@auth/core';
import { AuthError, authorizedFetch, memoryStore } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FinicityOptions, type FinicityProvider, finicity } from './index.ts';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const INSTITUTIONS = 'institution/v2/institutions';
const WRONG = 'wrongWrongWrong12345';

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return AuthError.is(error) ? error.code : `not an AuthError: ${error}`;
  }
};

describe.each(['in process', 'over HTTP'])('application, %s', (way) => {
  let clock: FakeClock;
  let sandbox: FinicitySandbox;
  let provider: FinicityProvider;
  let server: Listening | undefined;
  let headers: Readonly<Record<string, string>>[];
  let events: AuthEvent[];
  /** Resolves once the engine has reported this. */
  let reported: (type: AuthEvent['type']) => Promise<void>;

  const create = async (options: Partial<FinicityOptions> = {}, sandboxOptions: FinicitySandboxOptions = {}): Promise<void> => {
    clock = fakeClock({ now: START });
    sandbox = finicitySandbox({ clock, ...sandboxOptions });
    await server?.close();
    if (way === 'over HTTP') server = await sandbox.listen();
    provider = another(options);
  };
  const another = (options: Partial<FinicityOptions> = {}): FinicityProvider => {
    headers = [];
    events = [];
    const waiting: { readonly type: string; readonly resolve: () => void }[] = [];
    reported = (type) => new Promise((resolve) => waiting.push({ type, resolve }));
    const carry: Fetch = server ? fetch : sandbox.fetch;
    return finicity({
      ...sandbox.credentials,
      baseUrl: server?.url,
      clock,
      fetch: (input, init) => {
        headers.push(Object.fromEntries(new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}))));
        return carry(input, init);
      },
      observe: (event) => {
        events.push(event);
        for (const { type, resolve } of waiting) if (type === event.type) resolve();
      },
      ...options,
    });
  };
  beforeEach(() => create());
  afterEach(async () => {
    await provider[Symbol.asyncDispose]();
    await server?.close();
    server = undefined;
  });

  const tokenCalls = (): number => sandbox.calls.filter(({ method }) => method === 'POST').length;
  const dataCalls = (): number => sandbox.calls.filter(({ method }) => method === 'GET').length;
  const authorized = (): Fetch => authorizedFetch(provider.application);
  const statuses = async (count: number): Promise<readonly number[]> => {
    const send = authorized();
    const responses = await Promise.all(Array.from({ length: count }, () => send(INSTITUTIONS)));
    await Promise.all(responses.map((response) => response.text()));
    return [...new Set(responses.map(({ status }) => status))];
  };
  const tally = async (count: number): Promise<Readonly<Record<string, number>>> => {
    const counts: Record<string, number> = {};
    for (const code of await Promise.all(Array.from({ length: count }, () => codeOf(provider.application.token()))))
      counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  };

  describe('a request', () => {
    it('carries key and token under the names of the newer services too', async () => {
      const { value } = await provider.application.token();
      expect(headers.at(-1)).toMatchObject({ 'app-key': sandbox.credentials.appKey, accept: 'application/json' });
      await statuses(1);
      expect(headers.at(-1)).toMatchObject({ 'app-key': sandbox.credentials.appKey, 'app-token': value });
    });

    it('carries app key, app token and the wish for JSON', async () => {
      const { value } = await provider.application.token();
      expect(await statuses(1)).toEqual([200]);
      expect(headers.at(-1)).toMatchObject({
        'finicity-app-key': sandbox.credentials.appKey,
        'finicity-app-token': value,
        accept: 'application/json',
      });
    });

    it('carries the same headers in every call, and the caller keeps its own', async () => {
      await authorized()(INSTITUTIONS, { headers: { 'x-trace': '17', 'Finicity-App-Token': 'mine' } });
      const { value } = await provider.application.token();
      expect(headers.at(-1)).toMatchObject({ 'x-trace': '17', 'finicity-app-token': value });
    });

    it.each(['https://example.com/', 'https://api.finicity.com.example.com/', '//example.com/aggregation'])(
      'to %s is refused before anything is sent',
      async (url) => {
        expect(await codeOf(authorized()(url))).toBe('foreign_origin');
        expect(await codeOf(provider.application.authorize(new Request(new URL(url, 'https://example.com/'))))).toBe('foreign_origin');
        expect(sandbox.calls).toEqual([]);
      },
    );
  });

  describe('the token', () => {
    it('is obtained once for 200 concurrent calls', async () => {
      expect(await statuses(200)).toEqual([200]);
      expect([tokenCalls(), dataCalls()]).toEqual([1, 200]);
    });

    it.each(['TOPSECRET\nx', 'TOPSECRET x', ' TOPSECRET', 'TOPSECRETé', ''])(
      'that the vendor answers as %j fits into no header, and is not repeated in the error',
      async (token) => {
        const body = JSON.stringify({ token });
        sandbox.faults.add({ method: 'POST', reply: { kind: 'status', status: 200, body } });
        const error: unknown = await provider.application.token().catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'invalid_response', operation: 'application.token' });
        expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('TOPSECRET');
        expect(provider.application.peek()).toBeUndefined();
      },
    );

    it('is not obtained before it is needed', () => {
      expect(provider.application.peek()).toBeUndefined();
      expect(sandbox.calls).toEqual([]);
    });

    it('lives two hours from the moment before the request', async () => {
      const carry: Fetch = server ? fetch : sandbox.fetch;
      provider = another({
        fetch: async (input, init) => {
          clock.advance(3 * SECOND);
          const response = await carry(input, init);
          clock.advance(4 * SECOND);
          return response;
        },
      });
      expect(await provider.application.token()).toEqual({
        value: expect.stringMatching(/^\w{20}$/),
        issuedAt: START,
        expiresAt: START + 2 * HOUR,
      });
      expect(clock.now()).toBe(START + 7 * SECOND);
    });

    it('is served as it is until 85 minutes of age', async () => {
      const first = await provider.application.token();
      clock.advance(85 * MINUTE);
      expect(provider.application.peek()).toBe(first);
      expect(await provider.application.token()).toBe(first);
      expect(tokenCalls()).toBe(1);
    });

    it('is renewed once in the background from 90 minutes of age, while callers get the current one at once', async () => {
      const first = await provider.application.token();
      clock.advance(90 * MINUTE);
      const refreshed = reported('refreshed');
      const served = await Promise.all(Array.from({ length: 50 }, () => provider.application.token()));
      expect(new Set(served)).toEqual(new Set([first]));
      await refreshed;
      const second = await provider.application.token();
      expect(second).toMatchObject({ issuedAt: START + 90 * MINUTE, expiresAt: START + 90 * MINUTE + 2 * HOUR });
      expect(second.value).not.toBe(first.value);
      expect(tokenCalls()).toBe(2);
    });

    it('makes callers wait for the next one in its last minute', async () => {
      const first = await provider.application.token();
      clock.advance(2 * HOUR - 30 * SECOND);
      const second = await provider.application.token();
      expect(second.value).not.toBe(first.value);
      expect(tokenCalls()).toBe(2);
    });

    it('is served while the vendor is down, but never at 120 minutes', async () => {
      const first = await provider.application.token();
      sandbox.faults.add({ method: 'POST', times: 1_000, reply: { kind: 'status', status: 503 } });
      clock.advance(90 * MINUTE);
      const failed = reported('refresh_failed');
      expect(await provider.application.token()).toBe(first);
      await failed;
      clock.advance(30 * MINUTE - 1);
      expect(await provider.application.token()).toBe(first);
      clock.advance(1);
      expect(provider.application.peek()).toBeUndefined();
      expect(await codeOf(provider.application.token())).toBe('unavailable');
    });

    it('comes back after an outage', async () => {
      const first = await provider.application.token();
      sandbox.faults.add({ method: 'POST', reply: { kind: 'unreachable' } });
      clock.advance(2 * HOUR);
      expect(await codeOf(provider.application.token())).toBe('unavailable');
      clock.advance(5 * SECOND);
      expect((await provider.application.token()).value).not.toBe(first.value);
    });

    it('is not served past its end when the wall clock goes back an hour', async () => {
      await provider.application.token();
      clock.step(-HOUR);
      clock.advance(2 * HOUR);
      expect(provider.application.peek()).toBeUndefined();
    });
  });

  describe('a refused token', () => {
    it.each(['number', 'string'] as const)('that expired (10023 as a %s) is renewed once for 50 calls, and none fails', async (codesAs) => {
      await create({}, { codesAs });
      await provider.application.token();
      sandbox.expireTokens();
      expect(await statuses(50)).toEqual([200]);
      expect([tokenCalls(), dataCalls()]).toEqual([2, 100]);
    });

    it('that is unknown (10022) is renewed once for 50 calls, and none fails', async () => {
      await provider.application.token();
      sandbox.reset();
      expect(await statuses(50)).toEqual([200]);
      expect([tokenCalls(), dataCalls()]).toEqual([1, 100]);
    });

    it.each([
      ['XML', '<error><code>10023</code><message>Expired (Finicity-App-Token)</message></error>'],
      ['ReasonCode', '{"Errors":{"Error":[{"ReasonCode":10023}]}}'],
      ['reasonCode 1503', '{"Errors":{"Error":[{"reasonCode":1503}]}}'],
      ['errorCode', '{"errorCode":10022}'],
    ])('is renewed when the refusal is %s', async (_, body) => {
      const first = await provider.application.token();
      sandbox.faults.add({ method: 'GET', reply: { kind: 'status', status: 401, body } });
      expect(await statuses(1)).toEqual([200]);
      expect((await provider.application.token()).value).not.toBe(first.value);
    });

    it('is renewed once per call and no more, when the vendor goes on refusing', async () => {
      const body = '{"code":10023,"message":"Expired (Finicity-App-Token)"}';
      sandbox.faults.add({ method: 'GET', times: 100, reply: { kind: 'status', status: 401, body } });
      const response = await authorized()(INSTITUTIONS);
      expect([response.status, await response.text()]).toEqual([401, body]);
      expect([tokenCalls(), dataCalls()]).toEqual([2, 2]);
    });

    it('is forgotten only if it is still the current one', async () => {
      const first = await provider.application.token();
      await provider.application.invalidate(first);
      const second = await provider.application.token();
      await provider.application.invalidate(first);
      expect(await provider.application.token()).toBe(second);
      expect(tokenCalls()).toBe(2);
    });
  });

  describe('a refusal that is not about the token', () => {
    it.each([
      ['a plan that lacks the product', 401, ''],
      ['a plan that lacks the product, in words', 401, 'Not available from the Test Drive'],
      ['a locked partner', 401, '{"code":24302,"message":"Bad credentials"}'],
      ['a wrong app key', 401, 'Invalid (Finicity-App-Key)'],
      ['the region', 403, ''],
      ['a limit', 429, ''],
      ['a failure', 500, '{"code":10023}'],
      ['a failure with a page of 2 MiB', 502, 'x'.repeat(2 ** 21)],
    ])('is returned untouched and never loops: %s', async (_, status, body) => {
      const token = await provider.application.token();
      sandbox.faults.add({ method: 'GET', times: 100, reply: { kind: 'status', status, body, headers: { 'x-request': '17' } } });
      const response = await authorized()(INSTITUTIONS);
      expect([response.status, response.headers.get('x-request')]).toEqual([status, '17']);
      expect((await response.text()) === body).toBe(true);
      expect([tokenCalls(), dataCalls()]).toEqual([1, 1]);
      expect(provider.application.peek()).toBe(token);
    });
  });

  describe('a wrong secret', () => {
    it('costs one attempt at the vendor in 20 rounds of 50 callers', async () => {
      await create({ partnerSecret: WRONG });
      for (let round = 0; round < 20; round += 1) {
        expect(await tally(50)).toEqual({ invalid_credentials: 50 });
        clock.advance(MINUTE);
      }
      expect([tokenCalls(), sandbox.failedAttempts, sandbox.locked]).toEqual([1, 1, false]);
    });

    it('shows in the status, with the attempts that are left', async () => {
      await create({ partnerSecret: WRONG });
      await codeOf(provider.application.token());
      expect(await provider.application.status()).toMatchObject({
        state: 'refused',
        lastError: 'invalid_credentials',
        attemptsLeft: 2,
        expiresAt: null,
      });
    });

    it('that changes with every call is tried three times, and never locks the partner', async () => {
      let count = 0;
      await create({
        partnerSecret: () => {
          count += 1;
          // Keeps an endless loop from blocking this process.
          if (count > 1_000) throw new Error('The secret was asked for too often.');
          return `${WRONG}${count}`;
        },
      });
      for (let round = 0; round < 20; round += 1) {
        await tally(10);
        clock.advance(MINUTE);
      }
      expect(await tally(1)).toEqual({ attempts_exhausted: 1 });
      expect([tokenCalls(), sandbox.locked]).toEqual([3, false]);
    });

    it('is replaced by the new one that the function gives, without a restart', async () => {
      let secret = WRONG;
      await create({ partnerSecret: async () => secret });
      expect(await tally(5)).toEqual({ invalid_credentials: 5 });
      secret = sandbox.credentials.partnerSecret;
      clock.advance(5 * SECOND);
      expect(await tally(5)).toEqual({ resolved: 5 });
      expect(tokenCalls()).toBe(2);
      expect(await provider.application.status()).toMatchObject({ state: 'fresh', attemptsLeft: 3, lastError: null });
    });

    it('is replaced within the same call when the function gives another one right after the refusal', async () => {
      let secret = WRONG;
      await create({ partnerSecret: () => secret });
      const carry: Fetch = server ? fetch : sandbox.fetch;
      provider = another({
        partnerSecret: () => secret,
        fetch: async (input, init) => {
          const response = await carry(input, init);
          secret = sandbox.credentials.partnerSecret;
          return response;
        },
      });
      expect(await tally(50)).toEqual({ resolved: 50 });
      expect([tokenCalls(), sandbox.failedAttempts]).toEqual([2, 0]);
    });

    it('that the vendor refuses without a word counts too', async () => {
      sandbox.faults.add({ method: 'POST', times: 100, reply: { kind: 'status', status: 401 } });
      for (let round = 0; round < 5; round += 1) {
        expect(await tally(5)).toEqual({ invalid_credentials: 5 });
        clock.advance(MINUTE);
      }
      expect(tokenCalls()).toBe(1);
    });
  });

  describe('a locked partner', () => {
    it.each([500, 401] as const)('is not asked again when the lock arrives as %i', async (lockedAs) => {
      await create({}, { lockedAs });
      for (let attempt = 0; attempt < 5; attempt += 1)
        await codeOf(provider.api.createToken({ ...sandbox.credentials, partnerSecret: WRONG }));
      expect(sandbox.locked).toBe(true);
      for (let round = 0; round < 5; round += 1) {
        expect(await tally(20)).toEqual({ locked: 20 });
        clock.advance(MINUTE);
      }
      expect(tokenCalls()).toBe(6);
      expect(await provider.application.status()).toMatchObject({ state: 'refused', lastError: 'locked' });
    });
  });

  describe('a wrong app key', () => {
    it.each([
      ['text', 'invalid_credentials'],
      ['json-10027', 'invalid_credentials'],
      ['429', 'rate_limited'],
    ] as const)('answered as %s is %s and costs no attempt', async (invalidAppKey, code) => {
      await create({ appKey: '0'.repeat(32) }, { invalidAppKey });
      expect(await tally(20)).toEqual({ [code]: 20 });
      expect([tokenCalls(), sandbox.failedAttempts]).toEqual([1, 0]);
    });
  });

  describe('a function that gives the secret', () => {
    it('and fails is `unavailable`, and what it said stays out of the error', async () => {
      await create({ partnerSecret: () => Promise.reject(new Error(`vault: ${WRONG}`)) });
      const error: unknown = await provider.application.token().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'unavailable', operation: 'application.token' });
      expect(String(error)).not.toContain(WRONG);
      expect(sandbox.calls).toEqual([]);
    });
  });

  describe('a caller that stops waiting', () => {
    it('leaves the others their token', async () => {
      const controller = new AbortController();
      const impatient = codeOf(provider.application.token({ signal: controller.signal }));
      const patient = codeOf(provider.application.token());
      controller.abort();
      expect(await Promise.all([impatient, patient])).toEqual(['aborted', 'resolved']);
      expect(tokenCalls()).toBe(1);
    });
  });

  describe('status', () => {
    it('tells where the token is in its life', async () => {
      const { application } = provider;
      expect(await application.status()).toMatchObject({ provider: 'finicity', state: 'empty', attemptsLeft: 3, lastError: null });
      await application.token();
      const fresh = await application.status();
      expect(fresh).toMatchObject({ state: 'fresh', expiresAt: START + 2 * HOUR, lastSuccessAt: START });
      expect(fresh.nextRefreshAt).toBeGreaterThanOrEqual(START + 87 * MINUTE);
      expect(fresh.nextRefreshAt).toBeLessThanOrEqual(START + 90 * MINUTE);
      clock.advance(90 * MINUTE);
      expect((await application.status()).state).toBe('advisory');
      clock.advance(29.5 * MINUTE);
      expect((await application.status()).state).toBe('mandatory');
      clock.advance(MINUTE);
      expect((await application.status()).state).toBe('expired');
      expect(sandbox.calls).toHaveLength(1);
    });
  });

  describe('in Australia', () => {
    beforeEach(() => create({ region: 'au' }, { region: 'au' }));

    it('a request carries key and token under the names that are used there, and those only', async () => {
      expect(await statuses(1)).toEqual([200]);
      const { value } = await provider.application.token();
      const { appKey } = sandbox.credentials;
      expect(headers[0]).toMatchObject({ 'app-key': appKey, accept: 'application/json' });
      expect(headers.at(-1)).toMatchObject({ 'app-key': appKey, 'app-token': value, accept: 'application/json' });
      for (const names of headers.map(Object.keys)) expect(names.filter((name) => name.startsWith('finicity'))).toEqual([]);
    });

    it('the token lives 90 minutes, and is renewed in the background from 67.5 on', async () => {
      const first = await provider.application.token();
      expect(first).toMatchObject({ issuedAt: START, expiresAt: START + 90 * MINUTE });
      clock.advance(65 * MINUTE);
      expect(provider.application.peek()).toBe(first);
      clock.advance(2.5 * MINUTE);
      const refreshed = reported('refreshed');
      expect(await provider.application.token()).toBe(first);
      await refreshed;
      expect((await provider.application.token()).value).not.toBe(first.value);
    });

    it('an expired or unknown token is renewed once, and no call fails', async () => {
      const { value } = await provider.application.token();
      sandbox.expireTokens();
      expect(await statuses(20)).toEqual([200]);
      sandbox.reset();
      expect(await statuses(20)).toEqual([200]);
      expect((await provider.application.token()).value).not.toBe(value);
      expect([tokenCalls(), dataCalls()]).toEqual([1, 40]);
    });

    it('an unknown partner, which is a failure by its status, is tried once', async () => {
      await create({ region: 'au', partnerId: '1234567890123' }, { region: 'au' });
      for (let round = 0; round < 5; round += 1) {
        expect(await tally(10)).toEqual({ invalid_credentials: 10 });
        clock.advance(MINUTE);
      }
      expect([tokenCalls(), sandbox.calls[0]?.status]).toEqual([1, 500]);
    });

    it('the names of the headers are not understood in the US, which costs no attempt', async () => {
      await create({ region: 'au' }, { region: 'us' });
      expect(await tally(1)).toEqual({ invalid_request: 1 });
      expect(sandbox.failedAttempts).toBe(0);
    });
  });

  describe('a wall clock that steps', () => {
    it.each([2 * HOUR, -2 * HOUR])('by %i ms neither ends a good token nor prolongs a dead one', async (step) => {
      // The machine's own clock, because the vendor's does not step with it.
      const own = fakeClock({ now: START });
      provider = another({ clock: own });
      const advance = (milliseconds: number): void => {
        for (const each of [clock, own]) each.advance(milliseconds);
      };
      const first = await provider.application.token();
      own.step(step);
      advance(80 * MINUTE);
      expect(await statuses(5)).toEqual([200]);
      expect(await provider.application.token()).toBe(first);
      advance(40 * MINUTE);
      expect(provider.application.peek()).toBeUndefined();
      expect((await provider.application.token()).value).not.toBe(first.value);
      expect(tokenCalls()).toBe(2);
    });
  });

  describe('a plan that lacks a product', () => {
    it('is said by a 401 that causes no renewal and no repetition, to any number of callers', async () => {
      const token = await provider.application.token();
      sandbox.faults.add({ method: 'GET', times: 50, reply: { kind: 'error', error: 'notOnThisPlan' } });
      expect(await statuses(50)).toEqual([401]);
      expect([tokenCalls(), dataCalls(), provider.application.peek() === token]).toEqual([1, 50, true]);
    });
  });

  describe('two providers', () => {
    const tokenOf = ({ application }: FinicityProvider): Promise<Token> => application.token();

    it('share nothing by themselves', async () => {
      const [one, two] = await Promise.all([tokenOf(provider), tokenOf(another())]);
      expect(one.value).not.toBe(two.value);
      expect(tokenCalls()).toBe(2);
    });

    it("agree about a stored token though one machine's clock is two hours slow", async () => {
      const store = memoryStore({ clock });
      const slow = fakeClock({ now: clock.now() - 2 * HOUR });
      const stored = await tokenOf(another({ store, clock: slow }));
      expect(Math.abs(stored.issuedAt - clock.now())).toBeLessThanOrEqual(1_000);
      expect(await tokenOf(another({ store }))).toEqual(stored);
      expect(tokenCalls()).toBe(1);
    });

    it('share one token through one store', async () => {
      const store = memoryStore({ clock });
      const one = await tokenOf(another({ store }));
      const two = await tokenOf(another({ store }));
      expect(two).toEqual(one);
      expect(tokenCalls()).toBe(1);
    });

    it('share one token through one store after the secret was rotated', async () => {
      const store = memoryStore({ clock });
      const one = await tokenOf(another({ store }));
      expect(await tokenOf(another({ store, partnerSecret: WRONG }))).toEqual(one);
    });

    it('of different partners or app keys never share one, even in one store', async () => {
      const store = memoryStore({ clock });
      const one = await tokenOf(another({ store }));
      expect(await codeOf(tokenOf(another({ store, partnerId: '1234567890123' })))).toBe('invalid_credentials');
      expect(await codeOf(tokenOf(another({ store, appKey: '0'.repeat(32) })))).toBe('invalid_credentials');
      const elsewhere = finicitySandbox({ clock, credentials: sandbox.credentials });
      const other = await tokenOf(another({ store, baseUrl: 'https://other.example/', fetch: elsewhere.fetch }));
      expect(other.value).not.toBe(one.value);
    });

    it('do without a store that is down', async () => {
      const down = (): Promise<never> => Promise.reject(new Error('ECONNREFUSED'));
      provider = another({ store: { read: down, write: down } });
      expect(await tally(20)).toEqual({ resolved: 20 });
      expect(tokenCalls()).toBe(1);
      expect(events.map(({ type }) => type)).toContain('served_without_store');
    });

    it('are not asked for while the store is down, where that is wished', async () => {
      const down = (): Promise<never> => Promise.reject(new Error('ECONNREFUSED'));
      provider = another({ store: { read: down, write: down }, whenStoreIsDown: 'refuse' });
      expect(await tally(20)).toEqual({ store_unavailable: 20 });
      expect(tokenCalls()).toBe(0);
    });
  });
});
