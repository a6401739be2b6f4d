import { AuthError, type AuthEvent, type Fetch } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox } from '@auth/sandbox';
import { expect } from 'vitest';
import { type FinicityOptions, type FinicityProvider, finicity } from '../src/index.ts';
import { hurried } from './clocks.ts';

/** A request as it leaves the provider. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, `null` if there is none. */
  readonly body: unknown;
}

/** A sandbox in this process, and what a provider needs to speak to it. */
export interface Vendor {
  readonly sandbox: FinicitySandbox;
  readonly clock: FakeClock;
  /** Every request of every provider of this vendor, except those for tokens. */
  readonly sent: Sent[];
  readonly tokensSent: Sent[];
  readonly events: AuthEvent[];
  /** Resolves once the engine has reported this. */
  readonly reported: (type: AuthEvent['type']) => Promise<void>;
  readonly provider: (changes?: Partial<FinicityOptions>) => FinicityProvider;
  /** Reaches the vendor's pages, as a browser does, without following redirects. */
  readonly visit: Fetch;
}

export const START: number = Date.UTC(2026, 0, 15, 12);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;
export const TOKENS = '/aggregation/v2/partners/authentication';
export const INSTITUTIONS = 'institution/v2/institutions';
/** A next secret, and one that the vendor never gave. */
export const NEXT = 'brandNewSecret_1';
export const WRONG = 'wrongWrongWrong12345';

export const openVendor = (options: FinicitySandboxOptions = {}): Vendor => {
  const clock = fakeClock({ now: START });
  const sandbox = finicitySandbox({ clock, ...options });
  const sent: Sent[] = [];
  const tokensSent: Sent[] = [];
  const events: AuthEvent[] = [];
  let waiting: readonly { readonly type: string; readonly resolve: () => void }[] = [];
  const recorded: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method } = request;
    const { pathname: path, searchParams } = new URL(request.url);
    const text = await request.clone().text();
    const [query, headers] = [Object.fromEntries(searchParams), Object.fromEntries(request.headers)];
    const list = path === TOKENS && method === 'POST' ? tokensSent : sent;
    list.push({ method, path, query, headers, body: text === '' ? null : JSON.parse(text) });
    return sandbox.fetch(request);
  };
  const observe = (event: AuthEvent): void => {
    events.push(event);
    for (const { type, resolve } of waiting) if (type === event.type) resolve();
  };
  return {
    sandbox,
    clock,
    sent,
    tokensSent,
    events,
    reported: (type) =>
      new Promise((resolve) => {
        waiting = [...waiting, { type, resolve }];
      }),
    provider: (changes) => {
      const { region } = options;
      return finicity({
        ...sandbox.credentials,
        customers: 'testing',
        region,
        clock: hurried(clock),
        fetch: recorded,
        observe,
        ...changes,
      });
    },
    visit: (input, init) => sandbox.fetch(input, { redirect: 'manual', ...init }),
  };
};

/** The `AuthError` that this rejects with, or throws; anything else fails the test. */
export const errorOf = async (work: Promise<unknown> | (() => unknown)): Promise<AuthError> => {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (AuthError.is(error)) return error;
    expect.fail(`rejected with something else than an AuthError: ${String(error)}`);
  }
  expect.fail('did not reject');
};

/** The code of the `AuthError` that this rejects with, or `resolved`. */
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'resolved',
    (error: unknown) => (AuthError.is(error) ? error.code : `not an AuthError: ${error}`),
  );

/** How often each of these happened. */
export const counted = (outcomes: readonly (number | string)[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

/** An answer with this body in the vendor's place. */
export const answer = (body: unknown, status = 200): { readonly kind: 'status'; readonly status: number; readonly body: string } => ({
  kind: 'status',
  status,
  body: JSON.stringify(body),
});
