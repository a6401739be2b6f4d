import { AuthError } from './errors.ts';
import { checkedOptions, type Field, type OptionsSchema } from './option-fields.ts';
import { ownMembers } from './own-members.ts';
import type { AuthProvider } from './provider.ts';
import type { ProviderRuntime } from './provider-runtime.ts';
import { RUNTIME_RULES } from './runtime-options.ts';
import { didYouMean } from './suggestion.ts';

/** The variable that selects the provider. */
const SELECTOR = 'AUTH_PROVIDER';

/**
 * A provider's factory, with what is needed to configure it from outside. `Options` appears as a parameter only, so that
 * `ProviderPlugin` without arguments is a supertype of all plugins.
 */
export interface ProviderPlugin<Id extends string = string, Options = never, Provider extends AuthProvider = AuthProvider> {
  readonly id: Id;
  /** The version of the contract that its providers implement. */
  readonly contract: 1;
  readonly fields: readonly Field[];
  readonly schema: OptionsSchema;
  /** The factory. Throws `misconfigured` for options that the schema rejects. */
  readonly create: (options: Options) => Provider;
}

type PluginOf<P extends ProviderPlugin, Id> = P extends { readonly id: Id } ? P : never;
type OptionsOf<P extends ProviderPlugin> = P extends { readonly create: (options: infer O) => AuthProvider } ? O : never;

/** A provider's id and its options: a union with one member for each plugin, told apart by `provider`. */
export type ProviderConfig<P extends ProviderPlugin> = P extends ProviderPlugin
  ? { readonly provider: P['id']; readonly options: OptionsOf<P> }
  : never;

/** Makes the provider that a configuration names. */
export interface Registry<P extends ProviderPlugin> {
  readonly plugins: readonly P[];
  /** Throws `misconfigured`, naming every wrong option, before any request. */
  readonly create: <Id extends P['id']>(config: {
    readonly provider: Id;
    readonly options: OptionsOf<PluginOf<P, Id>>;
  }) => ReturnType<PluginOf<P, Id>['create']>;
  /**
   * Reads `AUTH_PROVIDER`, then the variables of that plugin only. Pass what no variable can hold as `runtime`. Throws
   * `misconfigured`, naming each missing or misspelt variable, or the known providers.
   */
  readonly fromEnv: (env: Environment, runtime?: ProviderRuntime) => ReturnType<P['create']>;
}

/** `process.env`, or anything like it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The providers that a product can switch between. Throws `misconfigured` for anything but a list of plugins with different ids.
 *
 * @example
 * ```ts
 * const registry = createRegistry([finicityPlugin, budgeaPlugin]);
 * const provider = registry.fromEnv(process.env);
 * ```
 */
export const createRegistry = <const P extends readonly ProviderPlugin[]>(plugins: P): Registry<P[number]> => {
  checkPlugins(plugins);
  const ids = plugins.map(({ id }) => id);
  const known = ids.join(', ');

  const pluginOf = (id: string): ProviderPlugin => {
    const plugin = plugins.find((candidate) => candidate.id === id);
    if (plugin === undefined) throw failure('misconfigured', `There is no provider '${id}'${didYouMean(id, ids)}. Known: ${known}.`);
    if (plugin.contract !== 1)
      throw failure(
        'contract_mismatch',
        `Provider ${id} has contract ${plugin.contract}, this registry needs 1. Install matching versions.`,
      );
    return plugin;
  };

  const create = (id: string, options: unknown): AuthProvider => {
    const plugin = pluginOf(id);
    return plugin.create(checkedOptions(plugin, options) as never); // checked by the plugin's own schema
  };

  return {
    plugins,
    create: (config) => {
      const { provider, options } = ownMembers(
        objectFor(config, 'registry.create takes the id and the options: create({ provider, options })'),
      );
      return create(provider, options) as ReturnType<PluginOf<P[number], typeof provider>['create']>; // the plugin of that id made it
    },
    fromEnv: (env, runtime = {}) => {
      objectFor(env, 'registry.fromEnv takes the environment: fromEnv(process.env)');
      const read = (variable: string): string | undefined => (Object.hasOwn(env, variable) ? env[variable] : undefined);
      const beside = objectFor(runtime, 'The second argument of registry.fromEnv is an object: fromEnv(process.env, { store })');
      if (RUNTIME_RULES.store.fits(beside))
        throw failure('misconfigured', 'registry.fromEnv takes a store as an option: fromEnv(process.env, { store }).');
      const id = read(SELECTOR);
      if (!id) throw failure('misconfigured', `${SELECTOR} is not set. Set it to one of: ${known}.`);
      const { fields } = pluginOf(id);
      const options: Record<string, unknown> = { ...beside };
      for (const { name, variable } of fields) if (read(variable)) options[name] = read(variable);
      checkSpelling(id, fields, env);
      return create(id, options) as ReturnType<P[number]['create']>; // a plugin of this registry made it
    },
  };
};

/** What JavaScript lets one pass instead of a list of plugins. */
const checkPlugins = (plugins: unknown): void => {
  if (!Array.isArray(plugins))
    throw failure('misconfigured', 'createRegistry takes a list of plugins: createRegistry([finicityPlugin, budgeaPlugin]).');
  if (plugins.length === 0) throw failure('misconfigured', 'createRegistry needs a plugin: createRegistry([finicityPlugin]).');
  for (const [index, plugin] of plugins.entries()) {
    if (typeof plugin === 'function') throw failure('misconfigured', insteadOfPlugin(plugin.name));
    const { id, fields, schema, create, asUser } = Object(plugin);
    if (asUser !== undefined) throw failure('misconfigured', `createRegistry was given a provider. ${insteadOfPlugin(String(id))}`);
    if (typeof id !== 'string' || !Array.isArray(fields) || !schema || typeof create !== 'function')
      throw failure(
        'misconfigured',
        `Number ${index + 1} in the list of createRegistry is not a plugin. Pass plugins, like finicityPlugin.`,
      );
    if (plugins.findIndex((other) => other.id === id) !== index)
      throw failure('misconfigured', `Two plugins of createRegistry have the id '${id}'. Leave one out, or give it an id of its own.`);
  }
};

/** By the name of a factory, which is the id of its plugin; not so in a minified program. */
const insteadOfPlugin = (name: string): string =>
  `Pass the plugin instead of what it makes: createRegistry([${/^[a-z]\w{2,}$/.test(name) ? name : 'finicity'}Plugin]).`;

/** Throws for a variable that is nearly one of the provider's, where that one is not set: it would be ignored silently. */
const checkSpelling = (id: string, fields: readonly Field[], env: Environment): void => {
  const own = fields.map(({ variable }) => variable);
  const prefixes = new Set(own.map((variable) => variable.split('_', 1)[0]));
  for (const name of Object.keys(env)) {
    if (own.includes(name) || !prefixes.has(name.split('_', 1)[0])) continue;
    const meant = didYouMean(
      name,
      own.filter((variable) => Math.abs(variable.length - name.length) <= 2 && !env[variable]),
    );
    if (meant && env[name]) throw failure('misconfigured', `${name} is not a variable of ${id}${meant}. Correct it, or leave it out.`);
  }
};

const objectFor = <T>(given: T, otherwise: string): T & object => {
  if (typeof given === 'object' && given !== null) return given;
  throw failure('misconfigured', `${otherwise}.`);
};

const failure = (code: 'misconfigured' | 'contract_mismatch', message: string): AuthError =>
  new AuthError(message, { code, provider: 'core', operation: 'registry' });
