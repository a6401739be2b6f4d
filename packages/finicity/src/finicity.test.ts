import { inspect } from 'node:util';
import type { AuthEvent, Fetch, SecretVault } from '@auth/core';
import { AuthError, authorizedFetch, supports } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { type FinicitySandboxOptions, finicitySandbox } from '@auth/sandbox';
import { describe, expect, it } from 'vitest';
import { hurried } from '../test/hurried-clock.ts';
import { type FinicityOptions, finicity } from './index.ts';

const HOUR = 3_600_000;
const NEXT = 'brandNewSecret_1';

const setUp = (options: Partial<FinicityOptions> = {}, sandboxOptions: FinicitySandboxOptions = {}) => {
  const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
  const sandbox = finicitySandbox({ clock, ...sandboxOptions });
  const events: AuthEvent[] = [];
  const provider = finicity({
    ...sandbox.credentials,
    clock: hurried(clock),
    fetch: sandbox.fetch,
    observe: (event) => events.push(event),
    ...options,
  });
  return { clock, sandbox, events, provider };
};

describe('the provider', () => {
  it('has what its type says, and nothing that Finicity cannot do', () => {
    const { provider } = setUp();
    expect(supports(provider, 'application', 'secret', 'users', 'connect')).toBe(true);
    for (const capability of ['userTokens', 'codes', 'revocation'] as const) expect(supports(provider, capability)).toBe(false);
  });

  it('ends with its scope', async () => {
    const { provider, sandbox } = setUp();
    await provider.application.token();
    await provider[Symbol.asyncDispose]();
    await expect(provider.application.token()).rejects.toMatchObject({ code: 'aborted' });
    expect(sandbox.calls).toHaveLength(1);
  });

  it('keeps a path in its base URL', async () => {
    const { provider, sandbox } = setUp({ baseUrl: 'https://proxy.example/finicity' });
    await provider.api.createToken(sandbox.credentials).catch(() => {});
    expect(provider.baseUrl).toBe('https://proxy.example/finicity/');
    expect(sandbox.calls[0]?.path).toBe('/finicity/aggregation/v2/partners/authentication');
  });
});

describe('asUser', () => {
  it('answers the application, whose token covers every customer', async () => {
    const { provider, sandbox } = setUp();
    expect(provider.asUser('5001')).toBe(provider.application);
    expect((await authorizedFetch(provider.asUser('5002'))('institution/v2/institutions')).status).toBe(200);
    expect(sandbox.calls).toHaveLength(2);
  });

  it.each(['', ' ', 'me', 'all', '17a', '-17', '1.7', '17/accounts', '../17', '17\n', '١٧', '%31'])('refuses %j, which is no id', (id) => {
    const { provider, sandbox } = setUp();
    const call = (): unknown => provider.asUser(id);
    expect(call).toThrow(expect.objectContaining({ code: 'invalid_request', provider: 'finicity', operation: 'asUser' }));
    expect(sandbox.calls).toEqual([]);
  });
});

describe('a secret', () => {
  const views = (value: unknown): readonly string[] => [
    inspect(value, { depth: Infinity, showHidden: true }),
    inspect(value),
    JSON.stringify(value) ?? '',
    String(value),
    ...(value instanceof Error ? [value.message, value.stack ?? '', JSON.stringify(Object.getOwnPropertyDescriptors(value))] : []),
  ];
  const expectNone = (values: readonly unknown[], secrets: readonly string[]): void => {
    for (const value of values)
      for (const view of views(value)) for (const secret of secrets) expect(view.includes(secret), view.slice(0, 500)).toBe(false);
  };
  const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => Promise.reject(new Error('This did not fail.')),
      (error: unknown) => error,
    );
  const vaultOf = (current: string, pending: string | null = null): SecretVault => {
    let content = { current, pending };
    return {
      read: async () => content,
      write: async (next) => {
        content = next;
      },
    };
  };

  it('is nowhere in the provider, its capabilities and its status, before and after it was used', async () => {
    const { provider, sandbox } = setUp();
    const secrets = [sandbox.credentials.partnerSecret, sandbox.credentials.appKey];
    expectNone([provider], secrets);
    const { value } = await provider.application.token();
    await provider.secret.rotate({ vault: vaultOf(sandbox.credentials.partnerSecret), next: NEXT });
    expectNone(
      [provider, provider.application, provider.asUser('17'), provider.secret, provider.api, await provider.application.status()],
      [...secrets, value, NEXT],
    );
  });

  it('is in no event, from the first token over failures and refusals to the end', async () => {
    const { provider, sandbox, events, clock } = setUp();
    const { credentials } = sandbox;
    const first = await provider.application.token();
    sandbox.expireTokens();
    await authorizedFetch(provider.application)('institution/v2/institutions');
    const second = await provider.application.token();
    sandbox.faults.add({ method: 'POST', reply: { kind: 'lost' } });
    clock.advance(2 * HOUR);
    await errorOf(provider.application.token());
    clock.advance(HOUR);
    await provider.api.modifyPartnerSecret({ ...credentials, newPartnerSecret: NEXT });
    await errorOf(provider.application.token());
    await provider[Symbol.asyncDispose]();
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['acquired', 'invalidated', 'refreshed', 'refresh_failed', 'refused']));
    expectNone(events, [credentials.partnerSecret, credentials.appKey, NEXT, first.value, second.value]);
  });

  it.each([
    ['a wrong secret', { status: 401, body: '{"code":10001}' }],
    ['the lock', { status: 500, body: '{"code":24302}' }],
    ['a wrong app key', { status: 401, body: 'Invalid (Finicity-App-Key)' }],
    ['a limit', { status: 429 }],
    ['the region', { status: 403, body: '<html>' }],
    ['an outage', { status: 503, body: '<html>' }],
    ['a gateway', { status: 502 }],
    ['a redirect', { status: 302, headers: { location: 'https://example.com/' } }],
    ['a body of another shape', { status: 200, body: '{"token":7}' }],
    ['a body that is no JSON', { status: 200, body: '<html>' }],
  ])('is in no error of any operation after %s', async (_, reply) => {
    const { provider, sandbox } = setUp();
    const { partnerSecret, appKey } = sandbox.credentials;
    const current = await provider.application.token();
    await provider.application.invalidate(current);
    sandbox.faults.add({ times: 100, reply: { kind: 'status', ...reply } });
    const outcomes = await Promise.allSettled([
      provider.application.token(),
      provider.api.createToken(sandbox.credentials),
      provider.secret.rotate({ vault: vaultOf(partnerSecret), next: NEXT }),
      provider.secret.recover({ vault: vaultOf(partnerSecret, NEXT) }),
    ]);
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors.length).toBeGreaterThanOrEqual(3);
    for (const error of errors) expect(error).toBeInstanceOf(AuthError);
    expectNone(errors, [partnerSecret, appKey, NEXT, current.value]);
  });

  it.each([
    ['the answer is lost', { kind: 'lost' }],
    ['nobody is reached', { kind: 'unreachable' }],
  ] as const)('is in no error when %s', async (_, reply) => {
    const { provider, sandbox } = setUp();
    const { partnerSecret, appKey } = sandbox.credentials;
    sandbox.faults.add({ times: 100, reply });
    const errors = [
      await errorOf(provider.application.token()),
      await errorOf(provider.api.createToken(sandbox.credentials)),
      await errorOf(provider.api.modifyPartnerSecret({ ...sandbox.credentials, newPartnerSecret: NEXT })),
      await errorOf(provider.secret.rotate({ vault: vaultOf(partnerSecret), next: NEXT })),
      await errorOf(provider.secret.recover({ vault: vaultOf(partnerSecret, NEXT) })),
    ];
    for (const error of errors) expect(error).toBeInstanceOf(AuthError);
    expectNone(errors, [partnerSecret, appKey, NEXT]);
  });

  it('is in no error of this package alone', async () => {
    const { provider, sandbox } = setUp();
    const { partnerSecret, appKey } = sandbox.credentials;
    const { value } = await provider.application.token();
    const short = 'hunter2';
    const errors = [
      await errorOf(provider.secret.rotate({ vault: vaultOf(partnerSecret), next: short })),
      await errorOf(provider.secret.rotate({ vault: vaultOf(partnerSecret, NEXT) })),
      await errorOf(provider.api.createToken(sandbox.credentials, { signal: AbortSignal.abort(partnerSecret) })),
      await errorOf(authorizedFetch(provider.application)(`https://example.com/?token=${value}`)),
      await errorOf(provider.application.authorize(new Request(`https://example.com/?token=${value}`))),
      await errorOf((async () => provider.asUser(value))()),
    ];
    for (const error of errors) expect(error).toBeInstanceOf(AuthError);
    expectNone(errors, [partnerSecret, appKey, NEXT, short, value]);
  });

  it('is in no error when the answer repeats the request', async () => {
    const { sandbox } = setUp();
    const { partnerSecret, appKey, partnerId } = sandbox.credentials;
    const reflect: Fetch = async (input, init) => {
      const request = new Request(input, init);
      const body = await request.text();
      const echo = { code: partnerSecret, errorCode: appKey, message: body, token: { [partnerSecret]: body }, [partnerSecret]: appKey };
      return new Response(JSON.stringify(echo), { status: request.method === 'PUT' ? 400 : 200, statusText: partnerSecret });
    };
    for (const status of [undefined, 401, 403, 500]) {
      const { provider } = setUp({
        partnerSecret,
        appKey,
        partnerId,
        fetch: async (input, init) => {
          const response = await reflect(input, init);
          return status === undefined ? response : new Response(response.body, { status, statusText: partnerSecret });
        },
      });
      const errors = [
        await errorOf(provider.application.token()),
        await errorOf(provider.api.createToken(sandbox.credentials)),
        await errorOf(provider.api.modifyPartnerSecret({ ...sandbox.credentials, newPartnerSecret: NEXT })),
      ];
      for (const error of errors) expect(error).toBeInstanceOf(AuthError);
      expectNone(errors, [partnerSecret, appKey, NEXT]);
    }
  });

  it('is in no error when fetch puts the request into its own', async () => {
    const { sandbox } = setUp();
    const { partnerSecret, appKey, partnerId } = sandbox.credentials;
    const { provider } = setUp({
      partnerSecret: () => partnerSecret,
      appKey,
      partnerId,
      fetch: async (input, init) => {
        const body = await new Request(input, init).text();
        throw Object.assign(new TypeError(`fetch failed: ${body}`, { cause: new Error(body) }), { request: { body, appKey } });
      },
    });
    const errors = [
      await errorOf(provider.application.token()),
      await errorOf(provider.api.createToken(sandbox.credentials)),
      await errorOf(provider.secret.rotate({ vault: vaultOf(partnerSecret), next: NEXT })),
    ];
    for (const error of errors) expect(error).toBeInstanceOf(AuthError);
    expectNone(errors, [partnerSecret, appKey, NEXT]);
  });
});
