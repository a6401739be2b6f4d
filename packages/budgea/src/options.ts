import type { Field, OptionsSchema, ProviderRuntime } from '@auth/core';
import { choiceOption, optionsSchema, type SecretSource, secretOption, textOption, urlOption } from '@auth/core/kit';
import * as v from 'valibot';
import { domainHint, domainOf } from './domain.ts';

/** Your domain at Budgea (Powens), and your credentials from the console. */
export interface BudgeaOptions extends ProviderRuntime {
  /** `demo`, `demo-sandbox`, `demo.biapi.pro` or a URL of that host. */
  readonly domain: string;
  /** Digits. */
  readonly clientId: string;
  /** The secret, or a function that returns it. With a function, a changed secret is picked up without a restart. */
  readonly clientSecret: SecretSource;
  /** The administrator's token, or a function that returns it. With it, the provider has `application`. */
  readonly manageToken?: SecretSource | undefined;
  /**
   * How a token is made for a user without one: `renew` (default) makes a permanent token by `POST /auth/renew`; `jwt` makes one that
   * expires, by the older `POST /auth/jwt`, which needs the client application's key pair.
   */
  readonly userTokenGrant?: 'renew' | 'jwt' | undefined;
  /** Replaces the URL that follows from `domain`: for a proxy or a sandbox. */
  readonly baseUrl?: string | undefined;
  /** The URL of the Webview's pages. Default: the vendor's, or below `baseUrl` if that is not the vendor's, as with a sandbox. */
  readonly webviewUrl?: string | undefined;
}

/** The options that a settings page or an environment holds. */
export const fields: readonly Field[] = [
  { name: 'domain', variable: 'BUDGEA_DOMAIN', label: 'Domain', secret: false, required: true, choices: [] },
  { name: 'clientId', variable: 'BUDGEA_CLIENT_ID', label: 'Client ID', secret: false, required: true, choices: [] },
  { name: 'clientSecret', variable: 'BUDGEA_CLIENT_SECRET', label: 'Client secret', secret: true, required: true, choices: [] },
  { name: 'manageToken', variable: 'BUDGEA_MANAGE_TOKEN', label: 'Manage token', secret: true, required: false, choices: [] },
  { name: 'baseUrl', variable: 'BUDGEA_BASE_URL', label: 'Base URL', secret: false, required: false, choices: [] },
];

/** How errors name the client secret. */
export const CLIENT_SECRET = { provider: 'budgea', option: 'clientSecret (BUDGEA_CLIENT_SECRET)' } as const;
/** How errors name the manage token. */
export const MANAGE_TOKEN = { provider: 'budgea', option: 'manageToken (BUDGEA_MANAGE_TOKEN)' } as const;

const DOMAIN = 'must be your domain, like demo, demo-sandbox or demo.biapi.pro';

/** What options must look like. */
export const schema: OptionsSchema = optionsSchema({
  domain: v.pipe(
    v.string(({ input }) => `${DOMAIN}: ${domainHint(input)}`),
    v.check(
      (domain) => domainOf(domain) !== undefined,
      ({ input }) => `${DOMAIN}: ${domainHint(input)}`,
    ),
  ),
  clientId: textOption(/^\d+$/, 'must be the digits of your client ID'),
  clientSecret: secretOption,
  manageToken: v.optional(secretOption),
  webviewUrl: v.optional(urlOption),
  userTokenGrant: v.optional(choiceOption('renew', 'jwt')),
});
