import type { TokenSource } from '@auth/core';
import { fingerprintOf, type ManagedAuthority, readErrorAnswer, type Vendor } from '@auth/core/kit';
import type { FinicityApi } from './api/operations.ts';
import { isTokenRefusal } from './errors.ts';
import type { PartnerSecret } from './partner-secret.ts';
import type { Region } from './region.ts';

/** What the partner's authority needs. */
export interface ApplicationOptions {
  readonly vendor: Vendor;
  readonly api: FinicityApi;
  /** Names the account whose refusals count together: base URL, partner ID and app key. */
  readonly account: string;
  readonly partnerSecret: PartnerSecret;
  readonly region: Region;
}

/** The partner, and what its capabilities need from it. */
export interface Application {
  readonly authority: ManagedAuthority;
  /** Runs `run`, which uses this secret, unless the vendor is known to refuse the secret. A new refusal counts. */
  readonly attempt: <T>(operation: string, secret: string, run: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;
  readonly dispose: () => Promise<void>;
}

/** The partner, whose single token covers every customer, with the guard of its secret. */
export const createApplication = ({ vendor, api, account, partnerSecret, region }: ApplicationOptions): Application => {
  const { clock } = vendor;
  const token: TokenSource['token'] = async ({ signal }) => {
    const partnerSecretNow = await partnerSecret.read();
    // Taken before the request: the token's life starts when the vendor issues it, not when the answer arrives.
    const sentAt = clock.monotonic();
    const { token: value } = await api.createToken({ partnerSecret: partnerSecretNow }, { signal });
    const issuedAt = clock.at(sentAt);
    return { value, issuedAt, expiresAt: issuedAt + region.lifetime };
  };
  const tokens = vendor.tokens(account, () => ({ token }), {
    windows: { advisory: region.advisory },
    fingerprint: async () => fingerprintOf(account, await partnerSecret.read()),
    operation: 'application.token',
  });
  return {
    // Other statuses are never about the token, and their bodies may be long.
    authority: vendor.authority(
      tokens.of(''),
      async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
    ),
    attempt: (operation, secret, run, signal) =>
      tokens.attempt(operation, run, { signal, fingerprint: () => fingerprintOf(account, secret) }),
    dispose: () => tokens[Symbol.asyncDispose](),
  };
};
