import './key-pairs.ts';
import { AuthError, type ConnectSession, type Fetch, memoryStore, type Store, type Token } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type BudgeaProfile, type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox } from '@auth/sandbox';
import { expect, onTestFinished } from 'vitest';
import { type BudgeaOptions, type BudgeaProvider, budgea } from '../src/index.ts';

export const START: number = Date.UTC(2026, 0, 15, 12);
export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const BASE_URL = 'https://sandbox.example/2.0/';
export const REDIRECT_URI = 'http://localhost:3000/back';
/** The dialects of the API: of Powens today, and of the 2019 documentation. */
export const PROFILES: readonly BudgeaProfile[] = ['powens', '2019'];

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
  readonly options: BudgeaOptions & { readonly fetch: Fetch };
  readonly provider: (changes?: Partial<BudgeaOptions>) => BudgeaProvider;
  /** How many requests the vendor answered: `calls('POST', 'auth/renew')`. */
  readonly calls: (method: string, path: string) => number;
  /** Answers in the vendor's place, once unless told otherwise. A body that is not text becomes JSON. */
  readonly answer: (status: number, body?: unknown, where?: { method?: string; path?: string; times?: number }) => void;
  /** Lets the vendor do what it is asked next at this path, and loses the answer. */
  readonly loseAnswer: (path?: string) => void;
  /** Connects a bank for the user of this token, and resolves to the id of the connection. */
  readonly addConnection: (token: Token) => Promise<string>;
  /** Approves on the page of a session, and resolves to the URL that the browser is sent back to. */
  readonly approve: (session: ConnectSession) => Promise<string>;
  /** A transport that takes 5 seconds before the vendor hears of the request. */
  readonly slow: Fetch;
}

/** Makes the vendor's tokens the same in each run, so that some are certain to have `+` and `/`. */
const seeded = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

const vendorAt = (sandbox: BudgeaSandbox, clock: FakeClock, baseUrl: string, transport: Fetch): Vendor => {
  const { domain, clientId, clientSecret } = sandbox.credentials;
  const sent: Sent[] = [];
  const recorded: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const text = await request.clone().text();
    sent.push({ method: request.method, path: pathname + search, headers: request.headers, body: text === '' ? null : JSON.parse(text) });
    return transport(request);
  };
  const options = { domain, clientId, clientSecret, baseUrl, clock, fetch: recorded };
  return {
    sandbox,
    clock,
    sent,
    options,
    provider: (changes) => budgea({ ...options, ...changes }),
    calls: (method, path) => sandbox.calls.filter((call) => call.method === method && call.path === `/2.0/${path}`).length,
    answer: (status, body = '', { path, ...where } = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      sandbox.faults.add({ ...where, ...(path && { path: `/2.0/${path}` }), reply: { kind: 'status', status, body: text } });
    },
    loseAnswer: (path) => sandbox.faults.add({ ...(path && { path: `/2.0/${path}` }), reply: { kind: 'lost' } }),
    addConnection: async ({ value }) => {
      const headers = { authorization: `Bearer ${value}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ id_connector: 1, login: 'me', password: 'right' });
      const response = await transport(`${baseUrl}users/me/connections`, { method: 'POST', headers, body });
      return String((await response.json()).id);
    },
    approve: async ({ url }) => {
      const response = await transport(`${url}&auto=approve`, { redirect: 'manual' });
      return response.headers.get('location') ?? expect.fail(`The page answered ${response.status}: ${await response.text()}`);
    },
    slow: async (input, init) => {
      clock.advance(5 * SECOND);
      return recorded(input, init);
    },
  };
};

/** A vendor whose `fetch` answers in this process. */
export const openVendor = (options: BudgeaSandboxOptions = {}): Vendor => {
  const clock = fakeClock({ now: START });
  const sandbox = budgeaSandbox({ clock, random: seeded(), ...options });
  return vendorAt(sandbox, clock, BASE_URL, sandbox.fetch);
};

/** A vendor behind a server, which closes with the test. */
export const serveVendor = async (options: BudgeaSandboxOptions = {}): Promise<Vendor & { readonly close: () => Promise<void> }> => {
  const clock = fakeClock({ now: START });
  const sandbox = budgeaSandbox({ clock, random: seeded(), ...options });
  const { url, close } = await sandbox.listen();
  onTestFinished(close);
  return { ...vendorAt(sandbox, clock, url, fetch), close };
};

/** A vendor with one user, whose token the provider has. */
export const openUser = async (
  options: BudgeaSandboxOptions = {},
): Promise<{
  readonly vendor: Vendor;
  readonly provider: BudgeaProvider;
  readonly userId: string;
}> => {
  const vendor = openVendor(options);
  const provider = vendor.provider();
  const { id: userId } = await provider.users.create({ reference: 'customer-17' });
  return { vendor, provider, userId };
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
