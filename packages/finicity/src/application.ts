import type { ProviderRuntime, Token } from '@auth/core';
import {
  fingerprintOf,
  type ManagedAuthority,
  type ManagedMany,
  managedMany,
  readErrorAnswer,
  type ServerClock,
  tokenAuthority,
} from '@auth/core/kit';
import type { FinicityApi } from './api.ts';
import { isTokenRefusal } from './errors.ts';
import type { PartnerSecret } from './partner-secret.ts';
import type { Region } from './region.ts';

/** What the partner's authority needs. */
export interface ApplicationOptions
  extends Pick<ProviderRuntime, 'store' | 'whenStoreIsDown' | 'observe'>,
    Pick<Region, 'lifetime' | 'advisory'> {
  readonly clock: ServerClock;
  readonly api: FinicityApi;
  readonly partnerId: string;
  readonly partnerSecret: PartnerSecret;
  readonly appKey: string;
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
}

/** The partner, and what its capabilities need from it. */
export interface Application {
  readonly authority: ManagedAuthority;
  /** Names the account whose refusals count together: base URL, partner ID and app key. */
  readonly account: string;
  /** Runs `run`, which uses this secret, unless the vendor is known to refuse the secret. A new refusal counts. */
  readonly attempt: <T>(operation: string, secret: string, run: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;
  readonly dispose: () => Promise<void>;
}

/** The partner, whose single token covers every customer, with the guard of its secret. */
export const createApplication = ({
  api,
  partnerId,
  partnerSecret,
  appKey,
  baseUrl,
  transport,
  headersOf,
  lifetime,
  advisory,
  store,
  whenStoreIsDown,
  clock,
  observe,
}: ApplicationOptions): Application => {
  const account = JSON.stringify(['finicity', baseUrl, partnerId, appKey]);
  const tokens: ManagedMany = managedMany(
    () => ({
      token: async ({ signal }) => {
        const secret = await partnerSecret.read();
        // Taken before the request: the token's life starts when the vendor issues it, not when the answer arrives.
        const sentAt = clock.monotonic();
        const { token } = await api.createToken({ partnerId, partnerSecret: secret }, { signal });
        const issuedAt = clock.at(sentAt);
        return { value: token, issuedAt, expiresAt: issuedAt + lifetime };
      },
    }),
    {
      store,
      whenStoreIsDown,
      key: account,
      account,
      clock,
      observe,
      windows: { advisory },
      fingerprint: async () => fingerprintOf(account, await partnerSecret.read()),
      provider: 'finicity',
      operation: 'application.token',
    },
  );
  const authority = tokenAuthority({
    provider: 'finicity',
    baseUrl,
    transport,
    tokens: tokens.of(''),
    headersOf,
    // Other statuses are never about the token, and their bodies may be long.
    isTokenRefused: async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
  });
  return {
    authority,
    account,
    attempt: (operation, secret, run, signal) =>
      tokens.attempt(operation, run, { signal, fingerprint: () => fingerprintOf(account, secret) }),
    dispose: () => tokens[Symbol.asyncDispose](),
  };
};
