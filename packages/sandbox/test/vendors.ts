import { fakeClock } from '@auth/core/testing';
import { budgeaSandbox, finicitySandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';

/** Saturday, 31 January 2026, 12:00 UTC. */
export const start: number = Date.UTC(2026, 0, 31, 12);

/** One of the two sandboxes, and a request that it answers with 200 and a JSON object. */
export interface VendorCase {
  readonly name: 'finicity' | 'budgea';
  /** With a fake clock unless another is given. */
  readonly create: (options?: SandboxOptions) => Sandbox<unknown>;
  readonly basePath: string;
  readonly path: string;
  readonly init: (sandbox: Sandbox<unknown>) => RequestInit;
  /** A request that is refused. */
  readonly refused: { readonly path: string; readonly status: number; readonly code: string };
  readonly variables: readonly string[];
}

/** Both vendors, for tables. */
export const vendors: readonly VendorCase[] = [
  {
    name: 'finicity',
    create: (options) => finicitySandbox({ clock: fakeClock({ now: start }), ...options }),
    path: '/aggregation/v2/partners/authentication',
    init: (sandbox) => {
      const { FINICITY_PARTNER_ID, FINICITY_PARTNER_SECRET, FINICITY_APP_KEY = '' } = sandbox.environment('');
      return {
        method: 'POST',
        headers: { 'finicity-app-key': FINICITY_APP_KEY, 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ partnerId: FINICITY_PARTNER_ID, partnerSecret: FINICITY_PARTNER_SECRET }),
      };
    },
    basePath: '/',
    refused: { path: '/nowhere', status: 401, code: '10026' },
    variables: [
      'FINICITY_PARTNER_ID',
      'FINICITY_PARTNER_SECRET',
      'FINICITY_APP_KEY',
      'FINICITY_CUSTOMERS',
      'FINICITY_REGION',
      'FINICITY_BASE_URL',
    ],
  },
  {
    name: 'budgea',
    create: (options) => budgeaSandbox({ clock: fakeClock({ now: start }), ...options }),
    path: '/2.0/auth/init',
    init: () => ({ method: 'POST' }),
    basePath: '/2.0/',
    refused: { path: '/2.0/nowhere', status: 404, code: 'notFound' },
    variables: ['BUDGEA_DOMAIN', 'BUDGEA_CLIENT_ID', 'BUDGEA_CLIENT_SECRET', 'BUDGEA_MANAGE_TOKEN', 'BUDGEA_BASE_URL'],
  },
];
