import { budgeaPlugin } from '@auth/budgea';
import { createRegistry } from '@auth/core';
import { finicityPlugin } from '@auth/finicity';

/** The vendors that this product can switch between, by `AUTH_PROVIDER`. */
export const registry = createRegistry([finicityPlugin, budgeaPlugin]);

/** Either of them. */
export type Provider = ReturnType<typeof registry.fromEnv>;

/** The plugin of a vendor: its fields describe what it is configured with. */
export const pluginOf = (id: Provider['id']): (typeof registry.plugins)[number] => {
  const plugin = registry.plugins.find((candidate) => candidate.id === id);
  if (plugin === undefined) throw new Error(`There is no plugin ${id}.`);
  return plugin;
};

/** The variable of the secret that a product authenticates with: of the first field that is one. */
export const secretVariableOf = (id: Provider['id']): string => {
  const field = pluginOf(id).fields.find(({ secret }) => secret);
  if (field === undefined) throw new Error(`${id} has no secret field.`);
  return field.variable;
};
