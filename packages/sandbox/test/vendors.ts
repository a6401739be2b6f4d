import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox, finicitySandbox, type Sandbox } from '../src/index.ts';

/** Saturday, 31 January 2026, 12:00 UTC. */
export const start: number = Date.UTC(2026, 0, 31, 12);
/** The same as a header. */
export const date = 'Sat, 31 Jan 2026 12:00:00 GMT';

/** A path whose POST, without a body, is answered with 200 and a JSON object. */
export const PATH = '/2.0/auth/init';
/** Where sandboxes answer in process. */
export const HOST = 'http://sandbox.example';

/** A sandbox of one vendor, for what is the same around both. */
export interface Framed {
  readonly clock: FakeClock;
  readonly sandbox: BudgeaSandbox;
  /** The good request, in process, changed by `init`. */
  readonly send: (init?: RequestInit) => Promise<Response>;
  /** The statuses of so many good requests. */
  readonly statuses: (count: number) => Promise<readonly number[]>;
}

/** With a fake clock unless another is given. */
export const framed = (options: BudgeaSandboxOptions = {}): Framed => {
  const clock = fakeClock({ now: start });
  const sandbox = budgeaSandbox({ clock, ...options });
  const send: Framed['send'] = (init) => sandbox.fetch(HOST + PATH, { method: 'POST', ...init });
  const statuses: Framed['statuses'] = async (count) => {
    const seen: number[] = [];
    while (seen.length < count) seen.push((await send()).status);
    return seen;
  };
  return { clock, sandbox, send, statuses };
};

/** One of the two sandboxes, with what differs. */
export interface VendorCase {
  readonly name: 'finicity' | 'budgea';
  readonly create: () => Sandbox<unknown>;
  readonly basePath: string;
  /** A request that is refused, in the log. */
  readonly refused: { readonly path: string; readonly status: number; readonly code: string };
  readonly variables: readonly string[];
}

/** Both vendors, for tables. */
export const vendors: readonly VendorCase[] = [
  {
    name: 'finicity',
    create: () => finicitySandbox({ clock: fakeClock({ now: start }) }),
    basePath: '/',
    refused: { path: '/nowhere', status: 401, code: '10026' },
    variables: ['PARTNER_ID', 'PARTNER_SECRET', 'APP_KEY', 'CUSTOMERS', 'REGION', 'BASE_URL'].map((name) => `FINICITY_${name}`),
  },
  {
    name: 'budgea',
    create: () => framed().sandbox,
    basePath: '/2.0/',
    refused: { path: '/2.0/nowhere', status: 404, code: 'notFound' },
    variables: ['DOMAIN', 'CLIENT_ID', 'CLIENT_SECRET', 'MANAGE_TOKEN', 'BASE_URL'].map((name) => `BUDGEA_${name}`),
  },
];

/** Lets everything go on that waits for nothing but its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resolves once the condition holds. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turn();
};
