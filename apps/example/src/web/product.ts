import { type Clock, type Environment, systemClock } from '@auth/core';
import { type Provider, pluginOf, registry } from '../providers.ts';
import { openWire, type Wire, type WireSandbox } from '../wire.ts';
import { type CurlLog, createCurlLog } from './curl-log.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { createEventBus, type EventBus } from './event-bus.ts';
import { createProvider, createSettings, type Settings } from './settings.ts';
import { openTokenStore, type TokenStore } from './token-store.ts';
import { openUserTable, type UserScope, type UserTable } from './users.ts';

/** The part of a product that has to do with vendors: one provider at a time, and what stays when it changes. */
export interface Product {
  readonly provider: () => Provider;
  /** Of the current vendor; `undefined` where the vendor itself is at the other end. */
  readonly sandbox: () => WireSandbox | undefined;
  /** Disposes of the provider and creates the one of these settings. Throws `misconfigured`, and then all stays as it was. */
  readonly configure: (id: Provider['id'], changes?: ReadonlyMap<string, string | undefined>) => Promise<void>;
  readonly settings: Settings;
  readonly store: TokenStore;
  readonly redisUrl: string | undefined;
  readonly directory: DataDirectory;
  readonly events: EventBus;
  readonly curl: CurlLog;
  readonly users: UserTable;
  readonly scope: () => UserScope;
  readonly clock: Clock;
  readonly close: () => Promise<void>;
}

/** What a product is made of. */
export interface ProductOptions {
  readonly environment: Environment;
  readonly directory: string;
  readonly redisUrl?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** Opens the store, a sandbox for each vendor without credentials, and the provider that `AUTH_PROVIDER` names, or the first. */
export const openProduct = async ({ environment, directory: path, redisUrl, clock = systemClock }: ProductOptions): Promise<Product> => {
  // Closes in the reverse order, and also if the rest cannot be opened.
  await using opened = new AsyncDisposableStack();
  const directory = await openDataDirectory(path);
  const wires = new Map<string, Wire>();
  for (const { id } of registry.plugins) {
    const wire = await openWire(id, environment, clock);
    opened.defer(wire.close);
    wires.set(id, wire);
  }
  const settings = createSettings(settingsOf(environment, wires));
  const store = await openTokenStore(directory, redisUrl);
  opened.defer(store.close);
  const users = openUserTable(directory.users);
  opened.defer(users.close);
  // A sandbox that has just started knows nobody, whoever had its port before.
  for (const [id, { sandbox }] of wires) if (sandbox) users.removeAll({ provider: id, baseUrl: sandbox.url });
  const events = createEventBus();
  const curl = createCurlLog({ known: () => namesOf(settings) });

  const create = (id: Provider['id'], from: Pick<Settings, 'get'>): Provider =>
    createProvider(id, from, { store: store.store, clock, observe: events.publish, fetch: curl.around(id, fetch) });
  let provider = create(firstVendor(environment), settings);
  opened.defer(() => provider[Symbol.asyncDispose]());
  const resources = opened.move();

  return {
    provider: () => provider,
    sandbox: () => {
      const sandbox = wires.get(provider.id)?.sandbox;
      return sandbox?.url === provider.baseUrl ? sandbox : undefined;
    },
    configure: async (id, changes = new Map()) => {
      // Tried with the changes first: what is wrong must not take away what works.
      const probe = create(id, { get: (variable) => (changes.has(variable) ? changes.get(variable) : settings.get(variable)) });
      await probe[Symbol.asyncDispose]();
      for (const [variable, value] of changes) settings.set(variable, value);
      const old = provider;
      provider = create(id, settings);
      await old[Symbol.asyncDispose]();
    },
    ...{ settings, store, redisUrl, directory, events, curl, users, clock },
    scope: () => ({ provider: provider.id, baseUrl: provider.baseUrl }),
    close: () => resources.disposeAsync(),
  };
};

/** Of each vendor's end its own variables only, as another's may be the sandbox's. Blank ones, as in a form to fill in, are as good as absent. */
const settingsOf = (environment: Environment, wires: ReadonlyMap<string, Wire>): Environment => {
  const own = registry.plugins.flatMap(({ id }) =>
    pluginOf(id).fields.map(({ variable }) => [variable, wires.get(id)?.environment[variable]]),
  );
  return Object.fromEntries([...Object.entries(environment), ...own].filter(([, value]) => value));
};

const firstVendor = ({ AUTH_PROVIDER: named }: Environment): Provider['id'] => {
  const plugin = registry.plugins.find(({ id }) => !named || id === named);
  // An unknown name gets the registry's own error, which lists the known ones.
  return plugin?.id ?? registry.fromEnv({ AUTH_PROVIDER: named }).id;
};

/** The settings by their values, for the names in curl lines. */
const namesOf = (settings: Settings): ReadonlyMap<string, string> =>
  new Map(
    registry.plugins.flatMap(({ id }) =>
      pluginOf(id).fields.flatMap(({ variable }) => {
        const value = settings.get(variable);
        return value === undefined ? [] : [[value, variable] as const];
      }),
    ),
  );
