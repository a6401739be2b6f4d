import { AuthError, type AuthProvider, type Token, type TokenAuthority } from '@auth/core';
import { createHttp, fingerprintOf, managedMany, tokenAuthority } from '@auth/core/kit';
import { describe, it } from 'vitest';
import { type CheckedRuntime, type Fake, type ProviderFixture, providerContract } from '../index.ts';

const baseUrl = 'https://acme.example/v1/';
const MINUTE = 60_000;

/** Each answer has a token and a refresh token; the refresh token makes the next answer, once. */
interface Answer {
  readonly token: string;
  readonly refreshToken: string;
}

interface RefreshFake extends Fake {
  readonly secret: string;
  /** What a user's consent gives. */
  readonly consent: () => Answer;
  readonly end: () => void;
}

const openFake = (): RefreshFake => {
  const secret = 'clientSecret0123';
  const tokens = new Set<string>();
  const refreshTokens = new Set<string>();
  const consent = (): Answer => {
    const answer = { token: crypto.randomUUID(), refreshToken: crypto.randomUUID() };
    tokens.add(answer.token);
    refreshTokens.add(answer.refreshToken);
    return answer;
  };
  const refusal = (code: string): Response => Response.json({ code }, { status: 401 });
  return {
    secret,
    consent,
    end: () => tokens.clear(),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const bearer = request.headers.get('authorization')?.slice('Bearer '.length) ?? '';
      if (request.method === 'GET') return tokens.has(bearer) ? Response.json([]) : refusal('dead');
      const body: { readonly secret: string; readonly refreshToken: string } = await request.json();
      if (body.secret !== secret) return refusal('client');
      return refreshTokens.delete(body.refreshToken) ? Response.json(consent()) : refusal('refresh_token');
    },
  };
};

interface RefreshProvider extends AuthProvider {
  readonly asUser: (connectionId: string) => TokenAuthority;
  readonly enrol: (connectionId: string, answer: Answer) => Promise<void>;
}

const refreshProvider = ({ fetch, store, clock, observe }: CheckedRuntime, secret: string): RefreshProvider => {
  const headersOf = ({ value }: Token) => ({ authorization: `Bearer ${value}` });
  const codeOf = (body: unknown): unknown => (typeof body === 'object' && body !== null ? Reflect.get(body, 'code') : undefined);
  const http = createHttp({
    provider: 'refresh-tokens',
    baseUrl,
    fetch,
    headersOf,
    explain: ({ status, body }) => {
      const code = codeOf(body);
      const meaning = code === 'client' ? 'invalid_credentials' : code === 'refresh_token' ? 'reconnect_required' : 'invalid_request';
      return { code: status >= 500 ? 'unavailable' : meaning, message: 'The vendor refused it. Look it up.' };
    },
  });
  const parse = (body: unknown): Answer => {
    const { token, refreshToken } = body as Partial<Answer>; // as the next line makes sure
    if (typeof token !== 'string' || typeof refreshToken !== 'string') throw new Error('The body has another shape.');
    return { token, refreshToken };
  };
  const dated = (value: string, issuedAt: number): Token => ({ value, issuedAt, expiresAt: issuedAt + 10 * MINUTE });
  const tokens = managedMany(
    () => ({
      token: async ({ signal, refreshToken, saveRefreshToken }) => {
        if (refreshToken === null)
          throw new AuthError('No consent.', { code: 'reconnect_required', provider: 'refresh-tokens', operation: 'asUser.token' });
        const issuedAt = clock.now();
        const json = () => ({ secret, refreshToken });
        const answer = await http.request({
          operation: 'api.refresh',
          method: 'POST',
          path: 'token',
          json,
          parse,
          signal,
          idempotent: false,
        });
        await saveRefreshToken(answer.refreshToken);
        return dated(answer.token, issuedAt);
      },
    }),
    {
      store,
      key: 'refresh-tokens',
      clock,
      observe,
      singleUse: true,
      fingerprint: () => fingerprintOf(secret),
      provider: 'refresh-tokens',
      operation: 'asUser.token',
    },
  );
  return {
    id: 'refresh-tokens',
    contract: 1,
    baseUrl,
    asUser: (connectionId) =>
      tokenAuthority({
        provider: 'refresh-tokens',
        baseUrl,
        transport: fetch,
        tokens: tokens.of(connectionId),
        headersOf,
        isTokenRefused: async (response) => response.status === 401 && codeOf(await response.clone().json()) === 'dead',
      }),
    enrol: (connectionId, { token, refreshToken }) => tokens.of(connectionId).adopt(dated(token, clock.now()), refreshToken),
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

describe('the contract fits a vendor whose refresh tokens are good for one use', () => {
  const fixture: ProviderFixture<RefreshProvider, RefreshFake> = {
    open: openFake,
    create: (_, runtime, secret) => refreshProvider(runtime, secret),
    secrets: ({ secret }) => [secret],
    user: async ({ consent }, { enrol }) => {
      await enrol('connection-17', consent());
      return 'connection-17';
    },
    request: () => 'accounts',
    foreignRefusal: () => Response.json({ code: 'plan' }, { status: 403 }),
    errors: {
      'a spent refresh token': {
        to: 'asUser.token',
        answer: () => Response.json({ code: 'refresh_token' }, { status: 401 }),
        code: 'reconnect_required',
      },
    },
    token: { from: 'vendor', isRequest: ({ path }) => path === '/v1/token', end: ({ end }) => end() },
    capabilities: {},
  };
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
