import './key-pairs.ts';
import { AuthError, type Fetch, memoryStore, type Store, type Token } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type BudgeaProfile, type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox } from '@auth/sandbox';
import { expect } from 'vitest';
import { type BudgeaOptions, type BudgeaProvider, budgea } from '../src/index.ts';

export interface VendorKind {
  readonly profile: BudgeaProfile;
  readonly way: 'in process' | 'over HTTP';
}

/** Both generations of the API, each as a `fetch` and as a server. */
export const VENDORS: readonly VendorKind[] = [
  { profile: '2019', way: 'in process' },
  { profile: '2019', way: 'over HTTP' },
  { profile: 'powens', way: 'in process' },
  { profile: 'powens', way: 'over HTTP' },
];

/** A request as it leaves the provider. */
export interface Sent {
  readonly method: string;
  /** With the query, as it is encoded on the wire. */
  readonly path: string;
  readonly headers: Headers;
  /** Parsed JSON, `null` if there is none. */
  readonly body: unknown;
}

/** A sandbox, and what a provider needs to speak to it. */
export interface Vendor {
  readonly sandbox: BudgeaSandbox;
  readonly clock: FakeClock;
  /** Every request of every provider of this vendor. */
  readonly sent: readonly Sent[];
  readonly options: BudgeaOptions;
  readonly provider: (changes?: Partial<BudgeaOptions>) => BudgeaProvider;
  /** How many requests the vendor answered: `calls('POST', 'auth/renew')`. */
  readonly calls: (method: string, path: string) => number;
  readonly close: () => Promise<void>;
}

export const START: number = Date.UTC(2026, 0, 15, 12);

/** Makes the vendor's tokens the same in each run, so that some are certain to have `+` and `/`. */
const seeded = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

export const openVendor = async ({ profile, way }: VendorKind, options: BudgeaSandboxOptions = {}): Promise<Vendor> => {
  const clock = fakeClock({ now: START });
  const sandbox = budgeaSandbox({ clock, random: seeded(), profile, ...options });
  const server = way === 'over HTTP' ? await sandbox.listen() : undefined;
  const { domain, clientId, clientSecret } = sandbox.credentials;
  const sent: Sent[] = [];
  const transport: Fetch = server ? fetch : sandbox.fetch;
  const recorded: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const text = await request.clone().text();
    sent.push({ method: request.method, path: pathname + search, headers: request.headers, body: text === '' ? null : JSON.parse(text) });
    return transport(request);
  };
  const providerOptions: BudgeaOptions = { domain, clientId, clientSecret, baseUrl: server?.url, clock, fetch: recorded };
  return {
    sandbox,
    clock,
    sent,
    options: providerOptions,
    provider: (changes) => budgea({ ...providerOptions, ...changes }),
    calls: (method, path) => sandbox.calls.filter((call) => call.method === method && call.path === `/2.0/${path}`).length,
    close: async () => server?.close(),
  };
};

/** Makes `count` calls at once, and awaits all of them. */
export const atOnce = <T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

/** The `AuthError` that this rejects with; anything else fails the test. */
export const errorOf = async (work: Promise<unknown> | (() => unknown)): Promise<AuthError> => {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (AuthError.is(error)) return error;
    expect.fail(`rejected with something other than an AuthError: ${String(error)}`);
  }
  expect.fail('did not reject');
};

/** A store whose every operation fails. */
export const brokenStore: Store = {
  read: () => Promise.reject(new Error('down')),
  write: () => Promise.reject(new Error('down')),
};

/** A store whose writes a test can see. */
export const openStore = (): Store & { readonly written: readonly { readonly key: string; readonly value: string | undefined }[] } => {
  const store = memoryStore();
  const written: { readonly key: string; readonly value: string | undefined }[] = [];
  return {
    written,
    read: store.read,
    write: (key, value, options) => {
      written.push({ key, value });
      return store.write(key, value, options);
    },
  };
};

export const permanent = (value: string): Token => ({ value, issuedAt: START, expiresAt: null });
