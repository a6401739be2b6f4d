import { AuthError } from './errors.ts';
import { checkOptions, type Field, type OptionsSchema } from './option-fields.ts';
import type { AuthProvider } from './provider.ts';
import type { ProviderRuntime } from './provider-runtime.ts';

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
   * `misconfigured`, naming each missing variable, or the known providers.
   */
  readonly fromEnv: (env: Environment, runtime?: ProviderRuntime) => ReturnType<P['create']>;
}

/** `process.env`, or anything like it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The providers that a product can switch between.
 *
 * @example
 * ```ts
 * const registry = createRegistry([finicityPlugin, budgeaPlugin]);
 * const provider = registry.fromEnv(process.env);
 * ```
 */
export const createRegistry = <const P extends readonly ProviderPlugin[]>(plugins: P): Registry<P[number]> => {
  const known = plugins.map(({ id }) => id).join(', ');

  const pluginOf = (id: string): ProviderPlugin => {
    const plugin = plugins.find((candidate) => candidate.id === id);
    if (plugin === undefined) throw failure('misconfigured', `There is no provider '${id}'. Known: ${known}.`);
    if (plugin.contract !== 1)
      throw failure(
        'contract_mismatch',
        `Provider ${id} has contract ${plugin.contract}, this registry needs 1. Install matching versions.`,
      );
    return plugin;
  };

  const create = (id: string, options: unknown): AuthProvider => {
    const plugin = pluginOf(id);
    checkOptions(plugin, options);
    return plugin.create(options as never); // checked by the plugin's own schema on the line before
  };

  return {
    plugins,
    create: ({ provider, options }) => create(provider, options) as ReturnType<PluginOf<P[number], typeof provider>['create']>, // the plugin of that id made it
    fromEnv: (env, runtime = {}) => {
      const id = env[SELECTOR];
      if (!id) throw failure('misconfigured', `${SELECTOR} is not set. Set it to one of: ${known}.`);
      const options: Record<string, unknown> = { ...runtime };
      for (const { name, variable } of pluginOf(id).fields) if (env[variable]) options[name] = env[variable];
      return create(id, options) as ReturnType<P[number]['create']>; // a plugin of this registry made it
    },
  };
};

const failure = (code: 'misconfigured' | 'contract_mismatch', message: string): AuthError =>
  new AuthError(message, { code, provider: 'core', operation: 'registry' });
