import type { Fetch } from '@auth/core';
import { budgeaSandbox, finicitySandbox } from '@auth/sandbox';
import * as v from 'valibot';
import type { Connection } from './connections.ts';
import type { Provider } from './providers.ts';
import type { ByHand } from './race/by-hand.ts';

/** What an application has to know of a vendor beside its authentication. */
export interface VendorFacts {
  /** As the vendor spells it. */
  readonly name: string;
  /** A cheap call that needs a token. */
  readonly path: string;
  /** Where a user's connections are, with their accounts. */
  readonly connectionsPath: (userId: string) => string;
  readonly readConnections: (body: unknown) => readonly Connection[];
  /** Asks for the bank's name where connections have only its id. A name that cannot be had stays the id. */
  readonly nameBank: (bank: string, fetch: Fetch) => Promise<string>;
  /** Where the vendor's own pages are, for the policy of ours that lead there. */
  readonly pageOrigin: string;
  /** What it takes to do without the packages: for the race only. */
  readonly byHand: ByHand;
}

const id = v.pipe(v.union([v.string(), v.number()]), v.transform(String));

const finicityBody = v.object({
  accounts: v.array(
    v.object({
      name: v.string(),
      type: v.string(),
      currency: v.optional(v.string(), ''),
      institutionId: id,
      institutionLoginId: id,
      aggregationStatusCode: v.optional(v.number(), 0),
    }),
  ),
});

/** This vendor lists accounts; those of one login are a connection. */
const finicityConnections = (body: unknown): readonly Connection[] => {
  const logins = Map.groupBy(v.parse(finicityBody, body).accounts, ({ institutionLoginId }) => institutionLoginId);
  return [...logins].map(([loginId, accounts]) => {
    const failed = accounts.find(({ aggregationStatusCode }) => aggregationStatusCode !== 0);
    return {
      id: loginId,
      bank: accounts[0]?.institutionId ?? '',
      problem: failed ? `status ${failed.aggregationStatusCode}` : null,
      accounts: accounts.map(({ name, type, currency }) => ({ name, type, currency })),
    };
  });
};

const institutionBody = v.object({ institution: v.object({ name: v.string() }) });

const finicityBank = async (institutionId: string, fetch: Fetch): Promise<string> => {
  const response = await fetch(`institution/v2/institutions/${encodeURIComponent(institutionId)}`);
  const answer = v.safeParse(institutionBody, await response.json().catch(() => undefined));
  return answer.success ? answer.output.institution.name : `Institution ${institutionId}`;
};

const budgeaBody = v.object({
  connections: v.array(
    v.object({
      id,
      state: v.optional(v.nullable(v.string()), null),
      connector: v.nullish(v.object({ name: v.string() })),
      accounts: v.optional(
        v.array(v.object({ name: v.string(), type: v.nullish(v.string()), currency: v.nullish(v.object({ id: v.string() })) })),
        [],
      ),
    }),
  ),
});

const budgeaConnections = (body: unknown): readonly Connection[] =>
  v.parse(budgeaBody, body).connections.map(({ id: connectionId, state, connector, accounts }) => ({
    id: connectionId,
    bank: connector?.name ?? 'A bank',
    problem: state,
    accounts: accounts.map(({ name, type, currency }) => ({ name, type: type ?? '', currency: currency?.id ?? '' })),
  }));

/**
 * The only place that knows a vendor: authentication is one interface, data endpoints are not. `sandbox` stands in for the vendor
 * where there are no credentials.
 */
export const vendors = {
  finicity: {
    name: 'Finicity',
    path: 'institution/v2/institutions?limit=1',
    connectionsPath: (userId) => `aggregation/v1/customers/${userId}/accounts`,
    readConnections: finicityConnections,
    nameBank: finicityBank,
    pageOrigin: 'https://connect2.finicity.com',
    sandbox: finicitySandbox,
    byHand: {
      tokenRequest: ({ FINICITY_PARTNER_ID, FINICITY_PARTNER_SECRET, FINICITY_APP_KEY = '' }) => ({
        path: 'aggregation/v2/partners/authentication',
        headers: { 'finicity-app-key': FINICITY_APP_KEY },
        body: { partnerId: FINICITY_PARTNER_ID, partnerSecret: FINICITY_PARTNER_SECRET },
      }),
      tokenField: 'token',
      headers: ({ FINICITY_APP_KEY = '' }, token) => ({ 'finicity-app-key': FINICITY_APP_KEY, 'finicity-app-token': token }),
    },
  },
  budgea: {
    name: 'Budgea',
    path: 'users/me/connections',
    connectionsPath: () => 'users/me/connections?expand=connector,accounts',
    readConnections: budgeaConnections,
    nameBank: async (bank) => bank,
    pageOrigin: 'https://webview.powens.com',
    sandbox: budgeaSandbox,
    byHand: {
      tokenRequest: ({ BUDGEA_CLIENT_ID, BUDGEA_CLIENT_SECRET }, userId) => ({
        path: 'auth/renew',
        headers: {},
        body: {
          grant_type: 'client_credentials',
          client_id: BUDGEA_CLIENT_ID,
          client_secret: BUDGEA_CLIENT_SECRET,
          id_user: Number(userId),
        },
      }),
      tokenField: 'access_token',
      headers: (_, token) => ({ authorization: `Bearer ${token}` }),
    },
  },
} satisfies Record<Provider['id'], VendorFacts & { sandbox: unknown }>;
