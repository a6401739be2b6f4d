import type { Field, OptionsSchema, ProviderRuntime, Store } from '@auth/core';
import { optionsSchema, type SecretSource, secretOption, storeOption, textOption } from '@auth/core/kit';

/** An OAuth client, and where to reach the vendor. */
export interface SingleUseOptions extends ProviderRuntime {
  readonly clientId: string;
  /** The secret, or a function that gives it: then a changed one is picked up without a restart. */
  readonly clientSecret: SecretSource;
  readonly baseUrl: string;
  /** Required: a refresh token that only this process knows is lost with it, and the connection too. */
  readonly store: Store;
}

export const fields: readonly Field[] = [
  { name: 'clientId', variable: 'SINGLE_USE_CLIENT_ID', label: 'Client ID', secret: false, required: true, choices: [] },
  { name: 'clientSecret', variable: 'SINGLE_USE_CLIENT_SECRET', label: 'Client secret', secret: true, required: true, choices: [] },
  { name: 'baseUrl', variable: 'SINGLE_USE_BASE_URL', label: 'Base URL', secret: false, required: true, choices: [] },
];

export const CLIENT_SECRET = { provider: 'single-use', option: 'clientSecret (SINGLE_USE_CLIENT_SECRET)' } as const;

export const schema: OptionsSchema = optionsSchema({
  clientId: textOption(/^[\x21-\x7e]+$/, 'must be your client ID'),
  clientSecret: secretOption,
  store: storeOption,
});
