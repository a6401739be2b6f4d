/// <reference lib="esnext.disposable" preserve="true" />

import type { CallOptions } from '../authority.ts';
import { systemClock } from '../clock.ts';
import { createEngine, type Handle } from '../engine/engine.ts';
import { NEVER } from '../engine/flight.ts';
import { AuthError } from '../errors.ts';
import type { ManagedOptions, TokenSource } from '../token-source.ts';
import { asOperation } from './as-operation.ts';

/** The tokens of many subjects of one account. */
export interface ManagedMany {
  /** A throw-away view: two of one id share one token and one flight. */
  readonly of: (id: string) => ManagedSubject;
  /**
   * Runs what uses the account's credentials without being a token's source, under the same guard: refused credentials are not used
   * again, and a refusal counts. Errors are named after `operation`. `run` is called again only after a definite refusal, when the
   * credentials have changed meanwhile; so it has to read them itself.
   */
  readonly attempt: <T>(operation: string, run: () => Promise<T>, options?: AttemptOptions) => Promise<T>;
  /** Ends background work, and gives leases back. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** How credentials are used. */
export interface AttemptOptions extends CallOptions {
  /** Names the credentials that `run` uses, where they are not those of the source. */
  readonly fingerprint?: (() => string | Promise<string>) | undefined;
}

/** One subject's token: as `managed`, and what is stored of it. */
export type ManagedSubject = Handle;

/**
 * Like `managed`, for as many subjects as there are: clock, store, windows and guard are shared.
 *
 * @example
 * ```ts
 * const tokens = managedMany((userId) => ({ token: ({ signal }) => renew(userId, signal) }), { store, key: 'acme' });
 * await tokens.of('17').token();
 * await tokens.attempt('users.create', async () => createUser(await readSecret(clientSecret, CLIENT_SECRET)));
 * ```
 */
export const managedMany = (sourceOf: (id: string) => TokenSource, options: ManagedOptions = {}): ManagedMany => {
  const { of, attempt, [Symbol.asyncDispose]: dispose } = createEngine(sourceOf, options);
  const { provider = 'custom', clock = systemClock } = options;
  let isDisposed = false;
  return {
    of,
    attempt: async (operation, run, { signal, fingerprint } = {}) => {
      const gone = (): AuthError =>
        new AuthError('This provider has been disposed of. Make a new one.', { code: 'aborted', provider, operation });
      const aborted = (): AuthError => new AuthError('The caller stopped it.', { code: 'aborted', provider, operation });
      if (signal?.aborted) throw aborted();
      if (isDisposed) throw gone();
      // Leases of other processes are waited for without a socket that would keep the process alive.
      const release = clock.after(NEVER, () => {}, { ref: true });
      try {
        return await asOperation(operation, () => attempt('', signal ?? new AbortController().signal, () => run(), fingerprint));
      } catch (error) {
        throw signal?.aborted && !AuthError.is(error) ? aborted() : error;
      } finally {
        release();
      }
    },
    [Symbol.asyncDispose]: () => {
      isDisposed = true;
      return dispose();
    },
  };
};
