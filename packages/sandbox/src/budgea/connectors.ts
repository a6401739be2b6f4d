import type { Context } from 'hono';
import type { BudgeaProfile } from './errors.ts';
import { type Expand, expandOf } from './expand.ts';
import { readFields } from './fields.ts';
import { pageOf } from './query.ts';
import { type Authentication, authorize } from './request.ts';
import type { Routes } from './routes.ts';

/** A bank that users can connect. */
export interface Connector {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly hidden: boolean;
  readonly authMechanism: 'credentials' | 'webauth';
}

/** The banks of a sandbox. */
export interface Connectors {
  readonly list: () => readonly Connector[];
  /** By id or uuid. */
  readonly find: (idOrUuid: string) => Connector | undefined;
  /** Shows or hides all of them. */
  readonly hide: (hidden: boolean) => void;
  /** The resource, with `fields`, `sources`, `countries` and `urls` where they are asked for. */
  readonly represented: (connector: Connector, expand?: Expand) => object;
  readonly reset: () => void;
}

const BANKS: readonly Connector[] = [
  { id: 1, uuid: 'a1f0c7de-52b4-5e0b-9a37-0c1d5f2b6e01', name: 'Sandbox Bank', hidden: false, authMechanism: 'credentials' },
  { id: 2, uuid: 'b2e1d8cf-63c5-5f1c-8b48-1d2e6a3c7f02', name: 'Redirect Bank', hidden: false, authMechanism: 'webauth' },
];

/** Two banks: one that takes a login and a password, and one that has users log in on its own pages. */
export const connectorsOf = (profile: BudgeaProfile): Connectors => {
  let hidden = false;
  const list = (): readonly Connector[] => BANKS.map((bank) => ({ ...bank, hidden }));
  return {
    list,
    find: (idOrUuid) => list().find(({ id, uuid }) => String(id) === idOrUuid || uuid === idOrUuid),
    hide: (all) => {
      hidden = all;
    },
    represented: (connector, expand = new Map()) => ({ ...represented(connector, profile), ...expanded(connector, expand) }),
    reset: () => {
      hidden = false;
    },
  };
};

/** What the routes of connectors work with. */
export interface ConnectorRouteOptions extends Authentication {
  readonly connectors: Connectors;
}

/** The list of banks, for which nobody has to prove anything, and the wishes for more of them. */
export const connectorRoutes = (routes: Routes, options: ConnectorRouteOptions): void => {
  const { connectors, refuse } = options;

  const listAs =
    (name: string) =>
    ({ req, json }: Context): Response => {
      const expand = expandOf(req.raw, refuse);
      const all = connectors.list();
      const page = pageOf(req.raw, all, refuse);
      return json({ [name]: page.map((connector) => connectors.represented(connector, expand)), total: all.length });
    };
  const one = ({ req, json }: Context): Response => {
    const found = connectors.find(req.param('id') ?? '');
    if (found === undefined) throw refuse.notFound();
    return json(connectors.represented(found, expandOf(req.raw, refuse)));
  };

  routes('/connectors', {
    GET: listAs('connectors'),
    // Assumptions: any token will do, the bank that is wished for is hidden, and the sandbox does not keep it.
    POST: async (c) => {
      await authorize(c.req.raw, options);
      const fields = await readFields(c.req.raw, refuse);
      for (const name of ['login', 'password']) fields.required(name);
      fields.flag('sendmail');
      const all = connectors.list();
      const wished: Connector = {
        id: all.length + 1,
        uuid: '00000000-0000-5000-8000-000000000000',
        name: fields.required('name'),
        hidden: true,
        authMechanism: 'credentials',
      };
      return c.json(connectors.represented(wished, expandOf(c.req.raw, refuse)));
    },
    // Assumption: it is the administrator's, and meant for all connectors, as it names none; the first one is the answer.
    PUT: async (c) => {
      await authorize(c.req.raw, options, ['manager', 'configurer']);
      const hidden = (await readFields(c.req.raw, refuse)).flag('hidden');
      if (hidden !== undefined) connectors.hide(hidden);
      const [first] = connectors.list();
      if (first === undefined) throw refuse.notFound();
      return c.json(connectors.represented(first, expandOf(c.req.raw, refuse)));
    },
  });
  routes('/connectors/:id', { GET: one });
  for (const alias of ['banks', 'providers']) {
    routes(`/${alias}`, { GET: listAs(alias) });
    routes(`/${alias}/:id`, { GET: one });
  }
};

const represented = ({ id, uuid, name, hidden, authMechanism }: Connector, profile: BudgeaProfile): object => ({
  id,
  ...(profile === '2019' && { id_weboob: `sandbox${id}` }),
  uuid,
  name,
  hidden,
  charged: true,
  code: `${90_000 + id}`,
  beta: false,
  color: '1f6feb',
  slug: name.slice(0, 3).toLowerCase(),
  auth_mechanism: authMechanism,
  months_to_fetch: 3,
  restricted: false,
  ...(profile === '2019'
    ? { sync_frequency: 1 }
    : {
        available_auth_mechanisms: [authMechanism],
        capabilities: ['bank'],
        products: ['bank'],
        siret: null,
        account_usages: ['PRIV'],
      }),
});

const expanded = ({ id, authMechanism }: Connector, expand: Expand): object => ({
  ...(expand.has('fields') && { fields: authMechanism === 'credentials' ? CREDENTIAL_FIELDS : [] }),
  ...(expand.has('sources') && { sources: [{ id, id_connector: id, name: 'directaccess', auth_mechanism: authMechanism }] }),
  ...(expand.has('countries') && { countries: [{ id: 75, code: 'fr', name: 'France' }] }),
  ...(expand.has('urls') && { urls: [`https://bank${id}.example/`] }),
});

const credentialField = (name: string, label: string, type: 'text' | 'password') => ({
  name,
  label,
  type,
  required: true,
  regex: null,
  auth_mechanisms: ['credentials'],
});

const CREDENTIAL_FIELDS: readonly object[] = [
  credentialField('login', 'Login', 'text'),
  credentialField('password', 'Password', 'password'),
];
