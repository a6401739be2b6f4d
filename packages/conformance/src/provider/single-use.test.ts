import { AuthError, type AuthProvider, type Token, type TokenAuthority } from '@auth/core';
import { createHttp, fingerprintOf, managedMany, tokenAuthority } from '@auth/core/kit';
import { describe, it } from 'vitest';
import { type CheckedRuntime, type Fake, type ProviderFixture, providerContract } from '../index.ts';

const baseUrl = 'https://acme.example/v1/';
const MINUTE = 60_000;

/** Each answer has a token and a grant; the grant makes the next answer, once. */
interface Answer {
  readonly token: string;
  readonly grant: string;
}

interface GrantFake extends Fake {
  readonly secret: string;
  /** What a user's consent gives. */
  readonly consent: () => Answer;
  readonly end: () => void;
}

const openFake = (): GrantFake => {
  const secret = 'clientSecret0123';
  const tokens = new Set<string>();
  const grants = new Set<string>();
  const consent = (): Answer => {
    const answer = { token: crypto.randomUUID(), grant: crypto.randomUUID() };
    tokens.add(answer.token);
    grants.add(answer.grant);
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
      const body: { readonly secret: string; readonly grant: string } = await request.json();
      if (body.secret !== secret) return refusal('client');
      return grants.delete(body.grant) ? Response.json(consent()) : refusal('grant');
    },
  };
};

interface GrantProvider extends AuthProvider {
  readonly asUser: (connectionId: string) => TokenAuthority;
  readonly enrol: (connectionId: string, answer: Answer) => Promise<void>;
}

const grantProvider = ({ fetch, store, clock, observe }: CheckedRuntime, secret: string): GrantProvider => {
  const proof = ({ value }: Token) => ({ authorization: `Bearer ${value}` });
  const codeOf = (body: unknown): unknown => (typeof body === 'object' && body !== null ? Reflect.get(body, 'code') : undefined);
  const http = createHttp({
    provider: 'grants',
    baseUrl,
    fetch,
    proof,
    explain: ({ status, body }) => {
      const code = codeOf(body);
      const meaning = code === 'client' ? 'invalid_credentials' : code === 'grant' ? 'reconnect_required' : 'invalid_request';
      return { code: status >= 500 ? 'unavailable' : meaning, message: 'The vendor refused it. Look it up.' };
    },
  });
  const parse = (body: unknown): Answer => {
    const { token, grant } = body as Partial<Answer>; // as the next line makes sure
    if (typeof token !== 'string' || typeof grant !== 'string') throw new Error('The body has another shape.');
    return { token, grant };
  };
  const dated = (value: string, issuedAt: number): Token => ({ value, issuedAt, expiresAt: issuedAt + 10 * MINUTE });
  const tokens = managedMany(
    () => ({
      token: async ({ signal, grant, keep }) => {
        if (grant === null)
          throw new AuthError('No consent.', { code: 'reconnect_required', provider: 'grants', operation: 'asUser.token' });
        const issuedAt = clock.now();
        const json = () => ({ secret, grant });
        const answer = await http.request({ operation: 'api.refresh', method: 'POST', path: 'token', json, parse, signal, once: true });
        await keep(answer.grant);
        return dated(answer.token, issuedAt);
      },
    }),
    {
      store,
      key: 'grants',
      clock,
      observe,
      singleUse: true,
      fingerprint: () => fingerprintOf(secret),
      provider: 'grants',
      operation: 'asUser.token',
    },
  );
  return {
    id: 'grants',
    contract: 1,
    baseUrl,
    asUser: (connectionId) =>
      tokenAuthority({
        provider: 'grants',
        baseUrl,
        transport: fetch,
        tokens: tokens.of(connectionId),
        proof,
        isTokenRefused: async (response) => response.status === 401 && codeOf(await response.clone().json()) === 'dead',
      }),
    enrol: (connectionId, { token, grant }) => tokens.of(connectionId).adopt(dated(token, clock.now()), grant),
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

describe('the contract fits a vendor whose refresh tokens are good for one use', () => {
  const fixture: ProviderFixture<GrantProvider, GrantFake> = {
    open: openFake,
    create: (_, runtime, secret) => grantProvider(runtime, secret),
    secrets: ({ secret }) => [secret],
    user: async ({ consent }, { enrol }) => {
      await enrol('connection-17', consent());
      return 'connection-17';
    },
    request: () => 'accounts',
    foreignRefusal: () => Response.json({ code: 'plan' }, { status: 403 }),
    errors: {
      'a spent grant': { to: 'asUser.token', answer: () => Response.json({ code: 'grant' }, { status: 401 }), code: 'reconnect_required' },
    },
    token: { from: 'vendor', isRequest: ({ path }) => path === '/v1/token', end: ({ end }) => end() },
    facets: {},
  };
  for (const { name, run } of providerContract(fixture)) it(name, run);
});
