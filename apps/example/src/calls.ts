import { AuthError, authorizedFetch } from '@auth/core';
import type { Provider } from './providers.ts';
import { vendors } from './vendors.ts';

/** What came of so many calls at once. */
export interface Calls {
  readonly asked: number;
  readonly failed: number;
  /** The first failure that was not the vendor's answer to the call itself. */
  readonly error: AuthError | undefined;
}

/** So many authorised calls at once on behalf of a user. */
export const callAtOnce = async (provider: Provider, userId: string, asked: number): Promise<Calls> => {
  const fetch = authorizedFetch(provider.asUser(userId));
  const outcomes = await Promise.allSettled(
    Array.from({ length: asked }, async () => {
      const response = await fetch(vendors[provider.id].path);
      await response.text();
      return response.ok;
    }),
  );
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : [])); // a reason is typed any
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected' || !outcome.value).length;
  return { asked, failed, error: errors.find((reason) => AuthError.is(reason)) };
};
