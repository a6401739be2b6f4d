import type { Field, OptionsSchema, ProviderRuntime } from '@auth/core';
import { optionsSchema, type SecretSource, secretOption, textOption } from '@auth/core/kit';

// TODO: name the credentials as the vendor does, here, in fields and in schema. What can be left out gets a default in acme.ts.

/** Your credentials at Acme, and the host to call. */
export interface AcmeOptions extends ProviderRuntime {
  readonly clientId: string;
  /** The secret, or a function that returns it, so that a changed secret is picked up without a restart. */
  readonly clientSecret: SecretSource;
  /** Default: the vendor's. For a proxy or a sandbox. */
  readonly baseUrl?: string | undefined;
}

/** The options that a settings page or environment variables can hold. */
export const fields: readonly Field[] = [
  { name: 'clientId', variable: 'ACME_CLIENT_ID', label: 'Client ID', secret: false, required: true, choices: [] },
  { name: 'clientSecret', variable: 'ACME_CLIENT_SECRET', label: 'Client secret', secret: true, required: true, choices: [] },
  { name: 'baseUrl', variable: 'ACME_BASE_URL', label: 'Base URL', secret: false, required: false, choices: [] },
];

/** How errors name the client's secret. */
export const CLIENT_SECRET = { provider: 'acme', option: 'clientSecret (ACME_CLIENT_SECRET)' } as const;

/** What options must look like. */
export const schema: OptionsSchema = optionsSchema({
  clientId: textOption(/^[\x21-\x7e]+$/, 'must be your client ID'),
  clientSecret: secretOption,
});
