import type { Fetch, Token } from '../src/index.ts';
import { authorizedFetch, managed } from '../src/index.ts';
import { type HttpOptions, type ManagedAuthority, type TokenAuthorityOptions, tokenAuthority } from '../src/kit/index.ts';
import { fakeClock } from '../src/testing/index.ts';
import { type Answer, answering, type LocalServer, type Received, serve } from './local-server.ts';

export const ok: Answer = answering(200, 'fine');

/** Accepts the `n`th token and later ones, refuses those before with 401. */
export const acceptsFrom =
  (n: number): Answer =>
  (request, response) => {
    const [, issued] = /^Bearer t(\d+)$/.exec(request.headers.authorization ?? '') ?? [];
    (Number(issued) >= n ? ok : answering(401, '{"code":"invalid_token"}'))(request, response);
  };

/** What the vendor means by an answer, by its status alone. */
export const explain: HttpOptions['explain'] = ({ status }) => ({
  code: status === 401 ? 'invalid_token' : 'unavailable',
  message: `The vendor answered ${status}.`,
});

/** An authority, the fetch on its behalf, and how many tokens it has asked for. */
export interface Opened {
  readonly authority: ManagedAuthority;
  readonly fetch: Fetch;
  readonly issued: () => number;
}

/** An authority with tokens t1, t2, … that live for two hours, and the fetch on its behalf. */
export const authorityOf = (origin: string, options: Partial<TokenAuthorityOptions> = {}): Opened => {
  const clock = fakeClock();
  let count = 0;
  const token = async (): Promise<Token> => {
    count += 1;
    return { value: `t${count}`, issuedAt: clock.now(), expiresAt: clock.now() + 7_200_000 };
  };
  const authority = tokenAuthority({
    provider: 'acme',
    baseUrl: `${origin}/v1/`,
    transport: globalThis.fetch,
    tokens: managed({ token }, { clock }),
    headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
    isTokenRefused: async ({ status }) => status === 401,
    explain,
    ...options,
  });
  return { authority, fetch: authorizedFetch(authority), issued: () => count };
};

/** A server with this answer, and an authority for it. */
export const open = async (answer: Answer = ok, options: Partial<TokenAuthorityOptions> = {}): Promise<LocalServer & Opened> => {
  const server = await serve(answer);
  return { ...server, ...authorityOf(server.origin, options) };
};

/** The requests as one line each. */
export const linesOf = (received: readonly Received[]): readonly string[] =>
  received.map(({ method, url, headers, body }) => `${method} ${url} ${headers.authorization} ${body}`.trim());

/** A body that can be read only once. */
export const streamed = (): RequestInit & { readonly duplex: 'half' } => ({
  method: 'POST',
  body: new Blob(['streamed']).stream(),
  duplex: 'half',
});
