import { setTimeout as sleep } from 'node:timers/promises';

/** As much of `fetch` as the peers use. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The vendor that every peer talks to, in this process: an endpoint for tokens, and an API that wants one. */
export interface Vendor {
  readonly fetch: Fetch;
  /** How many requests for a token have arrived. */
  readonly tokenRequests: () => number;
  /** From now on the API refuses the current token. */
  readonly revoke: () => void;
  /** From now on the token endpoint answers 503. */
  readonly breakDown: () => void;
}

/** What the token endpoint answers, and nothing else: some peers keep the whole answer. */
interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
}

export const ORIGIN = 'https://vendor.example';
export const TOKEN_URL = `${ORIGIN}/oauth/token`;
export const API_URL = `${ORIGIN}/v1/accounts?limit=5`;

export const CLIENT = { id: 'client', secret: 'secret' } as const;

/** Seconds. Longer than any peer's window for renewals, so that a warm token stays warm. */
const LIFETIME = 7_200;

/** Characters of a token, about those of a signed one. */
const LENGTH = 500;

/** Milliseconds that a token takes where a network is imitated, and the first, the last and the step of what requests to the API take in turn. */
const LATENCY = { token: 20, api: { first: 1, last: 50, step: 7 } } as const;

/**
 * A new vendor. Each new token ends the one before it, so that a peer with two renewals in progress breaks its own token.
 * `isDistant` gives answers a latency, so that concurrent calls overlap as they do on a network: a token takes 20 ms, and requests to the
 * API between 1 and 50, so that some are refused when others have renewed the token already.
 */
export const createVendor = ({ isDistant = false } = {}): Vendor => {
  let requests = 0;
  let calls = 0;
  let current: string | undefined;
  let isBroken = false;

  const tokenAnswer = async (url: string): Promise<Response> => {
    requests += 1;
    // Made by `Buffer` so that it is one flat string: what `padStart` answers is a tree of strings.
    const token = Buffer.from(String(requests).padStart(LENGTH, 'x')).toString('latin1');
    if (isDistant) await sleep(LATENCY.token);
    if (isBroken) return Response.json({ error: 'temporarily_unavailable' }, { status: 503 });
    current = token;
    // Octokit's has a path and a form of its own.
    if (url.endsWith('/access_tokens'))
      return Response.json({ token, expires_at: new Date(Date.now() + LIFETIME * 1000).toISOString(), permissions: {} });
    return Response.json({ access_token: token, token_type: 'Bearer', expires_in: LIFETIME });
  };

  const apiAnswer = async (authorization: string | null): Promise<Response> => {
    calls += 1;
    const { first, last, step } = LATENCY.api;
    if (isDistant) await sleep(first + ((calls * step) % (last - first + 1)));
    if (current !== undefined && authorization?.endsWith(` ${current}`)) return Response.json({ accounts: [] });
    return Response.json({ error: 'invalid_token' }, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
  };

  return {
    fetch: async (input, init) => {
      const { url, headers } = input instanceof Request ? input : { url: String(input), headers: new Headers(init?.headers) };
      return /\/(?:oauth\/token|access_tokens)(?:\?|$)/.test(url) ? tokenAnswer(url) : apiAnswer(headers.get('authorization'));
    },
    tokenRequests: () => requests,
    revoke: () => {
      current = undefined;
    },
    breakDown: () => {
      isBroken = true;
    },
  };
};

/** Asks for a token, as a product does for those peers that leave the request to it. */
export const requestToken = async ({ fetch }: Vendor): Promise<{ readonly value: string; readonly expiresAt: number }> => {
  const askedAt = Date.now();
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: CLIENT.id, client_secret: CLIENT.secret });
  const response = await fetch(TOKEN_URL, { method: 'POST', body });
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`);
  const { access_token, expires_in }: TokenAnswer = await response.json();
  return { value: access_token, expiresAt: askedAt + expires_in * 1000 };
};
