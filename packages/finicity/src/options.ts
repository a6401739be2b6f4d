import type { Field, OptionsSchema, ProviderRuntime } from '@auth/core';
import { choiceOption, optionsSchema, type SecretSource, secretOption, textOption } from '@auth/core/kit';
import * as v from 'valibot';

/** Your credentials from Finicity's developer dashboard, the customers to create, and the host to call. */
export interface FinicityOptions extends ProviderRuntime {
  /** Thirteen digits. */
  readonly partnerId: string;
  /** The secret, or a function that returns it, so that a rotated secret is picked up without a restart. */
  readonly partnerSecret: SecretSource;
  /** 32 hexadecimal digits. */
  readonly appKey: string;
  /**
   * What `users.create` creates: `active` customers (default), who connect real banks and are billed, or `testing` customers, who connect
   * the vendor's test banks. The Test Drive plan has testing customers only.
   */
  readonly customers?: 'active' | 'testing' | undefined;
  /** `us` (default) or `au`: decides the host, the names of the headers and the lifetime of a token. */
  readonly region?: 'us' | 'au' | undefined;
  /** Default: the region's host, `https://api.finicity.com/` in the US. Test Drive and production share it; only the credentials differ. */
  readonly baseUrl?: string | undefined;
}

/** The options that a settings page or environment variables can hold. */
export const fields: readonly Field[] = [
  { name: 'partnerId', variable: 'FINICITY_PARTNER_ID', label: 'Partner ID', secret: false, required: true, choices: [] },
  { name: 'partnerSecret', variable: 'FINICITY_PARTNER_SECRET', label: 'Partner secret', secret: true, required: true, choices: [] },
  { name: 'appKey', variable: 'FINICITY_APP_KEY', label: 'App key', secret: true, required: true, choices: [] },
  {
    name: 'customers',
    variable: 'FINICITY_CUSTOMERS',
    label: 'Customers',
    secret: false,
    required: false,
    choices: ['active', 'testing'],
  },
  { name: 'region', variable: 'FINICITY_REGION', label: 'Region', secret: false, required: false, choices: ['us', 'au'] },
  { name: 'baseUrl', variable: 'FINICITY_BASE_URL', label: 'Base URL', secret: false, required: false, choices: [] },
];

/** How errors name the partner secret. */
export const PARTNER_SECRET = { provider: 'finicity', option: 'partnerSecret (FINICITY_PARTNER_SECRET)' } as const;

/** What options must look like. */
export const schema: OptionsSchema = optionsSchema({
  partnerId: textOption(/^\d+$/, 'must be the digits of your partner ID'),
  partnerSecret: secretOption,
  appKey: textOption(/^[0-9a-f]{32}$/i, 'must be the 32 hexadecimal digits of your app key'),
  customers: v.optional(choiceOption('active', 'testing')),
  region: v.optional(choiceOption('us', 'au')),
});
