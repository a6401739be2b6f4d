import type { Runtime, Token } from '@auth/core';
import { managed } from '@auth/core';
import {
  fingerprintOf,
  type ManagedAuthority,
  readRefusal,
  readSecret,
  type SecretSource,
  type ServerClock,
  tokenAuthority,
} from '@auth/core/kit';
import type { FinicityApi } from './api.ts';
import { isTokenRefusal } from './errors.ts';
import { PARTNER_SECRET } from './options.ts';

/** The answer says nothing about it; two hours by documentation. */
const LIFETIME = 2 * 60 * 60_000;
/** The vendor asks for a new token from 90 minutes of age on: with half an hour left. */
const ADVISORY = 30 * 60_000;

/** What the partner's authority works with. */
export interface ApplicationOptions extends Pick<Runtime, 'store' | 'observe'> {
  readonly clock: ServerClock;
  readonly api: FinicityApi;
  readonly partnerId: string;
  readonly partnerSecret: SecretSource;
  readonly appKey: string;
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly proof: (token: Token) => Readonly<Record<string, string>>;
}

/** The partner, whose one token is good for every customer, with the end of its background work. */
export const createApplication = ({
  api,
  partnerId,
  partnerSecret,
  appKey,
  baseUrl,
  transport,
  proof,
  store,
  clock,
  observe,
}: ApplicationOptions): { readonly authority: ManagedAuthority; readonly dispose: () => Promise<void> } => {
  const account = JSON.stringify(['finicity', baseUrl, partnerId, appKey]);
  const tokens = managed(
    {
      token: async ({ signal }) => {
        const secret = await readSecret(partnerSecret, PARTNER_SECRET);
        // Before the request: the token's two hours start when the vendor makes it, not when the answer is here.
        const sentAt = clock.monotonic();
        const { token } = await api.createToken({ partnerId, partnerSecret: secret }, { signal });
        const issuedAt = clock.at(sentAt);
        return { value: token, issuedAt, expiresAt: issuedAt + LIFETIME };
      },
    },
    {
      store,
      key: account,
      account,
      clock,
      observe,
      windows: { advisory: ADVISORY },
      fingerprint: async () => fingerprintOf(account, await readSecret(partnerSecret, PARTNER_SECRET)),
      provider: 'finicity',
      operation: 'application.token',
    },
  );
  const authority = tokenAuthority({
    provider: 'finicity',
    baseUrl,
    transport,
    tokens,
    proof,
    // Other refusals are never about the token, and their bodies may be long.
    isTokenRefused: async (response) => response.status === 401 && isTokenRefusal(await readRefusal(response.clone())),
  });
  return { authority, dispose: () => tokens[Symbol.asyncDispose]() };
};
