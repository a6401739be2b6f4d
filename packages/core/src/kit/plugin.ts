import { checkedOptions } from '../option-fields.ts';
import type { AuthProvider } from '../provider.ts';
import type { ProviderPlugin } from '../registry.ts';

/**
 * Defines a provider's plugin. Its `create` checks the options against the schema first, so that the factory, exported as
 * `plugin.create`, rejects bad options like the registry does.
 *
 * @example
 * ```ts
 * export const acmePlugin: ProviderPlugin<'acme', AcmeOptions, AcmeProvider> = definePlugin({ id: 'acme', fields, schema, create });
 * ```
 */
export const definePlugin = <Id extends string, Options, Provider extends AuthProvider>(
  plugin: Omit<ProviderPlugin<Id, Options, Provider>, 'contract'>,
): ProviderPlugin<Id, Options, Provider> => ({
  ...plugin,
  contract: 1,
  create: (options) => plugin.create(checkedOptions(plugin, options) as Options), // its own schema says so
});
