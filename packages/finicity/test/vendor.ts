import { AuthError, type Fetch } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox } from '@auth/sandbox';
import { expect } from 'vitest';
import { type FinicityOptions, type FinicityProvider, finicity } from '../src/index.ts';

/** The vendor as a `fetch` and as a server. */
export const WAYS = ['in process', 'over HTTP'] as const;

/** A request as it leaves the provider. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** Parsed JSON, `null` if there is none. */
  readonly body: unknown;
}

/** A sandbox, and what a provider needs to speak to it. */
export interface Vendor {
  readonly sandbox: FinicitySandbox;
  readonly clock: FakeClock;
  /** Every request of every provider of this vendor, except those for tokens. */
  readonly sent: readonly Sent[];
  readonly provider: (changes?: Partial<FinicityOptions>) => FinicityProvider;
  /** Reaches the vendor's pages, as a browser does, without following redirects. */
  readonly visit: Fetch;
  readonly close: () => Promise<void>;
}

export const START: number = Date.UTC(2026, 0, 15, 12);
const TOKENS = '/aggregation/v2/partners/authentication';

export const openVendor = async (way: (typeof WAYS)[number], options: FinicitySandboxOptions = {}): Promise<Vendor> => {
  const clock = fakeClock({ now: START });
  const sandbox = finicitySandbox({ clock, ...options });
  const server = way === 'over HTTP' ? await sandbox.listen() : undefined;
  const sent: Sent[] = [];
  const transport: Fetch = server ? fetch : sandbox.fetch;
  const recorded: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname: path, searchParams } = new URL(request.url);
    const text = await request.clone().text();
    const body = text === '' ? null : JSON.parse(text);
    if (path !== TOKENS)
      sent.push({ method: request.method, path, query: Object.fromEntries(searchParams), headers: request.headers, body });
    return transport(request);
  };
  return {
    sandbox,
    clock,
    sent,
    provider: (changes) =>
      finicity({ ...sandbox.credentials, customers: 'testing', baseUrl: server?.url, clock, fetch: recorded, ...changes }),
    visit: (input, init) => transport(input, { redirect: 'manual', ...init }),
    close: async () => server?.close(),
  };
};

/** The `AuthError` that this rejects with; anything else fails the test. */
export const errorOf = async (work: Promise<unknown> | (() => unknown)): Promise<AuthError> => {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (AuthError.is(error)) return error;
    expect.fail(`rejected with something else than an AuthError: ${String(error)}`);
  }
  expect.fail('did not reject');
};

/** An answer with this body in the vendor's place. */
export const answer = (body: unknown, status = 200): { readonly kind: 'status'; readonly status: number; readonly body: string } => ({
  kind: 'status',
  status,
  body: JSON.stringify(body),
});
