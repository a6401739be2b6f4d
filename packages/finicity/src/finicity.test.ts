import { inspect } from 'node:util';
import { AuthError, authorizedFetch, type Fetch, supports } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { memoryVault } from '../test/vaults.ts';
import { errorOf, NEXT, openVendor, TOKENS } from '../test/vendor.ts';
import type { FinicityProvider } from './index.ts';

describe('the provider', () => {
  it('has what its type says, and nothing that Finicity cannot do', () => {
    const provider = openVendor().provider();
    expect(supports(provider, 'application', 'secret', 'users', 'connect')).toBe(true);
    for (const capability of ['userTokens', 'codes', 'revocation'] as const) expect(supports(provider, capability)).toBe(false);
  });

  it('keeps a path in its base URL, and ends with its scope', async () => {
    const { sandbox, provider: create } = openVendor();
    const provider = create({ baseUrl: 'https://proxy.example/finicity' });
    await errorOf(provider.application.token());
    expect([provider.baseUrl, sandbox.calls[0]?.path]).toEqual(['https://proxy.example/finicity/', `/finicity${TOKENS}`]);
    await provider[Symbol.asyncDispose]();
    expect(await errorOf(provider.application.token())).toMatchObject({ code: 'aborted' });
    expect(sandbox.calls).toHaveLength(1);
  });
});

describe('reset', () => {
  it('forgets the refusals of the partner, and sends nothing', async () => {
    const { sandbox, provider: create } = openVendor();
    const provider = create({ partnerSecret: 'a-wrong-secret-0' });
    expect(await errorOf(provider.application.token())).toMatchObject({ code: 'invalid_credentials' });
    expect((await provider.application.status()).attemptsLeft).toBe(2);
    await provider.reset();
    expect((await provider.application.status()).attemptsLeft).toBe(3);
    expect(sandbox.calls).toHaveLength(1);
  });
});

describe('asUser', () => {
  it('answers the application, whose token covers every customer', () => {
    const provider = openVendor().provider();
    expect(provider.asUser('5001')).toBe(provider.application);
  });

  it.each(['', ' ', 'me', 'all', '17a', '-17', '1.7', '17/accounts', '../17', '17\n', '١٧', '%31'])('refuses %j, which is no id', (id) => {
    const provider = openVendor().provider();
    const refusal = { code: 'invalid_request', provider: 'finicity', operation: 'asUser' };
    expect(() => provider.asUser(id)).toThrow(expect.objectContaining(refusal));
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
    for (const view of values.flatMap(views)) for (const secret of secrets) expect(view.includes(secret), view.slice(0, 500)).toBe(false);
  };
  /** The errors of everything that sends a secret. */
  const errorsOf = async ({ application, api, secret }: FinicityProvider, partnerSecret: string, partnerId: string) => {
    const credentials = { partnerId, partnerSecret };
    const outcomes = await Promise.allSettled([
      application.token(),
      api.createToken(credentials),
      secret.rotate({ vault: memoryVault(partnerSecret), next: NEXT }),
      api.modifyPartnerSecret({ ...credentials, newPartnerSecret: NEXT }),
      secret.recover({ vault: memoryVault(partnerSecret, NEXT) }),
    ]);
    const errors: unknown[] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors.length).toBeGreaterThanOrEqual(4);
    for (const error of errors) expect(error).toBeInstanceOf(AuthError);
    return errors;
  };

  it('is in no error of this package alone', async () => {
    const { sandbox, provider: create } = openVendor();
    const { application, api, secret, asUser } = create();
    const { partnerSecret, appKey } = sandbox.credentials;
    const { value } = await application.token();
    const errors = [
      await errorOf(secret.rotate({ vault: memoryVault(partnerSecret), next: 'hunter2' })),
      await errorOf(secret.rotate({ vault: memoryVault(partnerSecret, NEXT) })),
      await errorOf(api.createToken(sandbox.credentials, { signal: AbortSignal.abort(partnerSecret) })),
      await errorOf(authorizedFetch(application)(`https://example.com/?token=${value}`)),
      await errorOf(() => asUser(value)),
    ];
    expectNone(errors, [partnerSecret, appKey, NEXT, 'hunter2', value]);
  });

  it.each([200, 401, 403, 500, 'none'] as const)(
    'is in no error when what comes back repeats the request, with status %s',
    async (status) => {
      const { sandbox, provider } = openVendor();
      const { partnerSecret, partnerId, appKey } = sandbox.credentials;
      const reflect: Fetch = async (input, init) => {
        const body = await new Request(input, init).text();
        if (status === 'none')
          throw Object.assign(new TypeError(`fetch failed: ${body}`, { cause: new Error(body) }), { request: { body, appKey } });
        const echo = { code: partnerSecret, errorCode: appKey, message: body, token: { [partnerSecret]: body }, [partnerSecret]: appKey };
        return Response.json(echo, { status, statusText: partnerSecret });
      };
      expectNone(await errorsOf(provider({ fetch: reflect }), partnerSecret, partnerId), [partnerSecret, appKey, NEXT]);
    },
  );
});
