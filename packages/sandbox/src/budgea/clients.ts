import type { Context } from 'hono';
import { parseJsonObject } from '../body.ts';
import type { ClientApplication, ClientApplications } from './client-applications.ts';
import type { BudgeaProfile } from './errors.ts';
import { expandOf } from './expand.ts';
import { type Fields, readFields } from './fields.ts';
import { pageOf } from './query.ts';
import { type Authentication, authorize } from './request.ts';
import type { Routes } from './routes.ts';

/** What the routes of client applications work with. */
export interface ClientRouteOptions extends Authentication {
  readonly clients: ClientApplications;
  readonly profile: BudgeaProfile;
}

/** The names on the wire of what 2019 keeps under `redirect_uri` and `information`. */
const NAMES = {
  '2019': { redirectUris: 'redirect_uri', config: 'information', updateConfig: 'update_information' },
  powens: { redirectUris: 'redirect_uris', config: 'config', updateConfig: 'update_config' },
} as const satisfies Record<BudgeaProfile, object>;

const TEXTS = ['primary_color', 'secondary_color', 'description', 'description_banks', 'description_providers'] as const;

/** The client applications of the domain, for administrators. Assumption: the config token is as good as the manage token here. */
export const clientRoutes = (routes: Routes, options: ClientRouteOptions): void => {
  const { clients, refuse, profile } = options;

  const administrated = async ({ req }: Context): Promise<void> => {
    await authorize(req.raw, options, ['manager', 'configurer']);
  };
  const named = ({ req }: Context): ClientApplication => {
    const id = req.param('id') ?? '';
    if (!/^\d+$/.test(id)) throw refuse.invalidValue('id_client');
    const found = clients.find(Number(id));
    if (found === undefined) throw refuse.notFound();
    return found;
  };
  const changesIn = (fields: Fields, client?: ClientApplication): Partial<ClientApplication> => ({
    ...changedTexts(fields, client),
    ...(fields.flag('generate_keys') && { issuer: clients.newKeys() }),
    ...(fields.flag('secret') && { secret: clients.newSecret() }),
    ...(fields.flag('pro') !== undefined && { pro: fields.flag('pro') === true }),
    ...changedConfig(fields, client, options),
    ...changedRedirectUris(fields, options),
  });
  const answer = async (c: Context, client: ClientApplication): Promise<Response> => {
    expandOf(c.req.raw, refuse);
    return c.json(await represented(client, options));
  };

  routes('/clients', {
    GET: async (c) => {
      await administrated(c);
      expandOf(c.req.raw, refuse);
      const all = clients.list();
      const page = pageOf(c.req.raw, all, refuse);
      return c.json({ clients: await Promise.all(page.map((client) => represented(client, options))), total: all.length });
    },
    POST: async (c) => {
      await administrated(c);
      const fields = await readFields(c.req.raw, refuse);
      const { secret: _, ...changes } = changesIn(fields);
      return answer(c, clients.create(changes));
    },
  });

  routes('/clients/:id', {
    GET: async (c) => {
      await administrated(c);
      return answer(c, named(c));
    },
    PUT: async (c) => {
      await administrated(c);
      const client = named(c);
      const fields = await readFields(c.req.raw, refuse);
      return answer(c, clients.update(client.id, changesIn(fields, client)) ?? client);
    },
    // Its users' JWTs end with its keys.
    DELETE: async (c) => {
      await administrated(c);
      const client = named(c);
      const body = await represented(client, options);
      clients.delete(client.id);
      return profile === '2019' ? c.json(body) : c.body(null, 204);
    },
  });
};

const changedTexts = (fields: Fields, client?: ClientApplication): Partial<ClientApplication> => {
  const name = fields.text('name');
  const texts = TEXTS.flatMap((text) => (fields.text(text) === undefined ? [] : [[text, fields.text(text)]]));
  return { ...(name !== undefined && { name }), texts: { ...client?.texts, ...Object.fromEntries(texts) } };
};

/** With the flag beside it, JSON objects are laid over each other; without, the new text takes the place of the old one. */
const changedConfig = (fields: Fields, client: ClientApplication | undefined, options: ClientRouteOptions): Partial<ClientApplication> => {
  const { config: name, updateConfig } = NAMES[options.profile];
  const config = fields.text(name);
  if (config === undefined) return {};
  if (!fields.flag(updateConfig)) return { config };
  const [known, given] = [client?.config || '{}', config].map((text) => parseJsonObject(text));
  if (known === undefined || given === undefined) throw options.refuse.invalidValue(name);
  return { config: JSON.stringify({ ...known, ...given }) };
};

/** Assumption: several URIs are separated by white space, or are a list in JSON. Both names are known in 2019. */
const changedRedirectUris = (fields: Fields, { profile, refuse }: ClientRouteOptions): Partial<ClientApplication> => {
  const name = [NAMES.powens.redirectUris, NAMES[profile].redirectUris].find((each) => fields.list(each).length > 0);
  if (name === undefined) return {};
  const redirectUris = fields.list(name).flatMap((text) => text.split(/\s+/).filter((uri) => uri !== ''));
  if (!redirectUris.every((uri) => URL.canParse(uri))) throw refuse.invalidValue(name);
  return { redirectUris };
};

const represented = async (client: ClientApplication, { profile }: ClientRouteOptions): Promise<object> => {
  const { id, name, secret, pro, texts, config, issuer } = client;
  const uris = client.redirectUris.join('\n');
  return {
    id,
    name,
    secret,
    // The private key stays here.
    ...(issuer && { public_key: await issuer.publicKey() }),
    redirect_uris: uris,
    ...(profile === '2019' && { redirect_uri: uris, ...texts }),
    pro,
    ...(config !== '' && { [NAMES[profile].config]: config }),
  };
};
