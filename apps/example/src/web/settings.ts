import type { Environment, Field, ProviderRuntime, SecretVault } from '@auth/core';
import { type Provider, pluginOf, registry, secretVariableOf } from '../providers.ts';

/** The settings of all vendors, under the names of their environment variables. Held by this process only. */
export interface Settings {
  readonly get: (variable: string) => string | undefined;
  /** `undefined` takes it away. */
  readonly set: (variable: string, value: string | undefined) => void;
  /** Puts a value in the place of another for a while. */
  readonly override: (variable: string, value: string) => void;
  /** Puts back what `override` replaced. */
  readonly restore: (variable: string) => void;
  /** Where the secret of a vendor is, for its rotation. A product has it in its secret manager: what `override` does is not in there. */
  readonly vaultOf: (id: Provider['id']) => SecretVault;
}

/** Starts from an environment; what is changed later stays here. */
export const createSettings = (environment: Environment): Settings => {
  const values = new Map(Object.entries(environment));
  const pending = new Map<Provider['id'], string>();
  const replaced = new Map<string, string>();
  const set: Settings['set'] = (variable, value) => {
    replaced.delete(variable);
    if (value) values.set(variable, value);
    else values.delete(variable);
  };
  return {
    get: (variable) => values.get(variable) || undefined,
    set,
    override: (variable, value) => {
      const current = replaced.get(variable) ?? values.get(variable) ?? '';
      set(variable, value);
      replaced.set(variable, current);
    },
    restore: (variable) => {
      const original = replaced.get(variable);
      if (original !== undefined) set(variable, original);
    },
    vaultOf: (id) => ({
      read: async () => {
        const variable = secretVariableOf(id);
        return { current: replaced.get(variable) ?? values.get(variable) ?? '', pending: pending.get(id) ?? null };
      },
      write: async (secret) => {
        const variable = secretVariableOf(id);
        if (replaced.has(variable)) replaced.set(variable, secret.current);
        else set(variable, secret.current);
        if (secret.pending === null) pending.delete(id);
        else pending.set(id, secret.pending);
      },
    }),
  };
};

/**
 * The provider that the settings describe. Its secret is read anew for each token, so that a rotated one is used without a restart.
 * Throws `misconfigured`.
 */
export const createProvider = (id: Provider['id'], settings: Pick<Settings, 'get'>, runtime: ProviderRuntime): Provider => {
  const secret = secretVariableOf(id);
  const options = pluginOf(id).fields.flatMap(({ name, variable }) => {
    const value = settings.get(variable);
    if (value === undefined) return [];
    return [[name, variable === secret ? () => settings.get(variable) ?? '' : value] as const];
  });
  return registry.create({ provider: id, options: { ...Object.fromEntries(options), ...runtime } as never }); // the registry checks them against the plugin's schema
};

/** What a submitted form says of the fields. An empty secret stays as it is, as it is never shown. */
export const changesIn = (
  fields: readonly Field[],
  form: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string | undefined> =>
  new Map(
    fields.flatMap(({ name, variable, secret, required }) => {
      const value = form[name]?.trim();
      if (secret && !required && form[`remove-${name}`] === 'on') return [[variable, undefined] as const];
      return value === undefined || (secret && value === '') ? [] : [[variable, value || undefined] as const];
    }),
  );

/** What `misconfigured` says of each field: its message names them as `name (VARIABLE)`. */
export const problemsIn = (message: string, fields: readonly Field[]): ReadonlyMap<string, string> =>
  new Map(
    fields.flatMap(({ name, variable }) => {
      const called = `${name} (${variable})`;
      const start = message.indexOf(called);
      if (start === -1) return [];
      const others = fields.map((field) => message.indexOf(`; ${field.name} (`, start)).filter((index) => index !== -1);
      const problem = message.slice(start + called.length, Math.min(...others, message.length)).trim();
      return [[name, problem.replace(/\.$/, '')] as const];
    }),
  );
