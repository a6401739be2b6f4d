import { AuthError, type Authority, type AuthProvider, managed, type TokenAuthority } from '@auth/core';
import { tokenAuthority } from '@auth/core/kit';
import { describe, it } from 'vitest';
import { type CheckedRuntime, type Fake, type ProviderFixture, providerContract } from '../index.ts';

const baseUrl = 'https://acme.example/v1/';
const MINUTE = 60_000;

/** A vendor that looks at one header. */
interface KeyFake extends Fake {
  readonly secret: string;
  /** Refuses all credentials that it has seen so far. */
  readonly end: () => void;
}

const openFake = (): KeyFake => {
  const secret = 'keyOfTheVendor0123';
  const refused = new Set<string>();
  const seen = new Set<string>();
  const isGood = (headersOf: string): boolean =>
    headersOf.startsWith(`Bearer ${secret.length}:`) || headersOf === `Basic ${btoa(`id:${secret}`)}`;
  return {
    secret,
    end: () => {
      for (const headersOf of seen) refused.add(headersOf);
    },
    fetch: async (input, init) => {
      const headersOf = new Request(input, init).headers.get('authorization') ?? '';
      seen.add(headersOf);
      return isGood(headersOf) && !refused.has(headersOf) ? Response.json([]) : Response.json({ code: 'dead' }, { status: 401 });
    },
  };
};

const common = {
  open: openFake,
  secrets: ({ secret }: KeyFake) => [secret] as const,
  user: () => '17',
  request: () => 'accounts',
  foreignRefusal: () => Response.json({ code: 'plan' }, { status: 403 }),
  errors: {},
};

const notOurs = (url: string): void => {
  if (new URL(url).href.startsWith(baseUrl)) return;
  throw new AuthError('It is for one origin only.', { code: 'foreign_origin', provider: 'keys', operation: 'authorize' });
};

/** Every request carries the same key. */
const keys = ({ fetch }: CheckedRuntime, secret: string): AuthProvider<'application'> => {
  const headers = Object.freeze({ authorization: `Basic ${btoa(`id:${secret.replace(/[^\x20-\x7e]/g, '')}`)}` });
  const authority: Authority = {
    baseUrl,
    transport: fetch,
    authorize: async ({ url }) => {
      notOurs(url);
      return Object.freeze({ headers, bodyFields: null, token: null });
    },
    shouldRetry: async () => null,
    errorOf: async ({ status }) =>
      new AuthError('The vendor refused it.', { code: 'forbidden', provider: 'keys', operation: 'authorizedFetch', status }),
    status: async () => ({
      provider: 'keys',
      authority: 'keys',
      state: 'static',
      expiresAt: null,
      nextRefreshAt: null,
      lastSuccessAt: null,
      lastError: null,
      attemptsLeft: null,
      holdsLease: false,
    }),
  };
  return {
    id: 'keys',
    contract: 1,
    baseUrl,
    application: authority,
    asUser: () => authority,
    reset: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
};

type Signing = AuthProvider & { readonly asUser: (userId: string) => TokenAuthority };

/** Tokens are made here, and the vendor is not asked for any. */
const signing = ({ fetch, clock, observe }: CheckedRuntime, secret: string): Signing => {
  const source = {
    token: async () => {
      const issuedAt = clock.now();
      return { value: `${secret.length}:${crypto.randomUUID()}`, issuedAt, expiresAt: issuedAt + 5 * MINUTE };
    },
  };
  const tokens = managed(source, { clock, observe, provider: 'signing', operation: 'asUser.token' });
  const authority = tokenAuthority({
    provider: 'signing',
    baseUrl,
    transport: fetch,
    tokens,
    headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
    isTokenRefused: async ({ status }) => status === 401,
    explain: () => ({ code: 'forbidden', message: 'The vendor refused it.' }),
  });
  return {
    id: 'signing',
    contract: 1,
    baseUrl,
    asUser: () => authority,
    reset: tokens.reset,
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

describe('the contract fits a vendor with static keys', () => {
  const fixture: ProviderFixture<AuthProvider<'application'>, KeyFake> = {
    ...common,
    create: (_, runtime, secret) => keys(runtime, secret),
    capabilities: { application: { request: 'status' } },
  };
  for (const { name, run } of providerContract(fixture)) it(name, run);
});

describe('the contract fits a provider that signs its tokens itself', () => {
  const fixture: ProviderFixture<Signing, KeyFake> = {
    ...common,
    create: (_, runtime, secret) => signing(runtime, secret),
    token: { from: 'provider', end: ({ end }) => end() },
    capabilities: {},
  };
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
