import type { Routes } from './routes.ts';

/** The list of banks, for which nobody has to prove anything. */
export const connectorRoutes = (routes: Routes): void => {
  routes('/connectors', { GET: (c) => c.json({ connectors: CONNECTORS, total: CONNECTORS.length }) });
};

const connector = (id: number, uuid: string, name: string, authMechanism: 'credentials' | 'webauth') => ({
  id,
  uuid,
  name,
  hidden: false,
  charged: true,
  code: null,
  beta: false,
  color: '1f6feb',
  slug: name.slice(0, 3).toLowerCase(),
  auth_mechanism: authMechanism,
  available_auth_mechanisms: [authMechanism],
  capabilities: ['bank'],
  products: ['bank'],
  months_to_fetch: 3,
  siret: null,
  restricted: false,
  account_usages: ['PRIV'],
});

const CONNECTORS: readonly ReturnType<typeof connector>[] = [
  connector(1, 'a1f0c7de-52b4-5e0b-9a37-0c1d5f2b6e01', 'Sandbox Bank', 'credentials'),
  connector(2, 'b2e1d8cf-63c5-5f1c-8b48-1d2e6a3c7f02', 'Redirect Bank', 'webauth'),
];
