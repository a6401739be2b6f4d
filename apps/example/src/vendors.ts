import { budgeaSandbox, finicitySandbox } from '@auth/sandbox';
import type { Provider } from './providers.ts';

/**
 * The only place that knows a vendor: authentication is one interface, data endpoints are not. `path` is a cheap call
 * that needs a token; `sandbox` stands in for the vendor where there are no credentials.
 */
export const vendors = {
  finicity: { path: 'institution/v2/institutions?limit=1', sandbox: finicitySandbox },
  budgea: { path: 'users/me/connections', sandbox: budgeaSandbox },
} satisfies Record<Provider['id'], { path: string; sandbox: unknown }>;
