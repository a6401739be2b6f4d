import type { Field, OptionsSchema, Runtime } from '@auth/core';
import { optionsSchema, type SecretSource, secretOption, textOption } from '@auth/core/kit';

/** What Finicity knows you by, from the developer dashboard, and where to reach it. */
export interface FinicityOptions extends Runtime {
  /** Thirteen digits. */
  readonly partnerId: string;
  /** The secret, or a function that gives it: then a rotated one is picked up without a restart. */
  readonly partnerSecret: SecretSource;
  /** 32 hexadecimal digits. */
  readonly appKey: string;
  /** Default `https://api.finicity.com/`. Test Drive and production differ by the credentials only. */
  readonly baseUrl?: string | undefined;
}

/** The options that a settings page or an environment holds. */
export const fields: readonly Field[] = [
  { name: 'partnerId', variable: 'FINICITY_PARTNER_ID', label: 'Partner ID', secret: false, required: true, choices: [] },
  { name: 'partnerSecret', variable: 'FINICITY_PARTNER_SECRET', label: 'Partner secret', secret: true, required: true, choices: [] },
  { name: 'appKey', variable: 'FINICITY_APP_KEY', label: 'App key', secret: true, required: true, choices: [] },
  { name: 'baseUrl', variable: 'FINICITY_BASE_URL', label: 'Base URL', secret: false, required: false, choices: [] },
];

/** How errors name it. */
export const PARTNER_SECRET = { provider: 'finicity', option: 'partnerSecret (FINICITY_PARTNER_SECRET)' } as const;

/** What options must look like. */
export const schema: OptionsSchema = optionsSchema({
  partnerId: textOption(/^\d+$/, 'must be the digits of your partner ID'),
  partnerSecret: secretOption,
  appKey: textOption(/^[0-9a-f]{32}$/i, 'must be the 32 hexadecimal digits of your app key'),
});
