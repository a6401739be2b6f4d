/// <reference lib="esnext.disposable" preserve="true" />

import type { CallOptions } from '../authority.ts';
import { systemClock } from '../clock.ts';
import { createEngine } from '../engine/engine.ts';
import { NEVER } from '../engine/flight.ts';
import type { Handle } from '../engine/handle.ts';
import { AuthError } from '../errors.ts';
import { ownMembers } from '../own-members.ts';
import type { ManagedOptions, TokenSource } from '../token-source.ts';
import { deadline } from '../wait.ts';
import { asOperation } from './as-operation.ts';

/** The tokens of many subjects of one account. */
export interface ManagedMany {
  /** A throw-away view: two views of one id share one token and one flight. */
  readonly of: (id: string) => ManagedSubject;
  /**
   * Runs a call that uses the account's credentials but is not a token source, under the same guard: refused credentials are not used
   * again, and a refusal counts. Errors carry `operation`. `run` is called again only after a definite refusal, if the credentials have
   * changed meanwhile; so `run` must read them itself. After a minute `run` is given up with `outcome_unknown`, because others may wait for it.
   */
  readonly attempt: <T>(operation: string, run: () => Promise<T>, options?: AttemptOptions) => Promise<T>;
  /** Forgets the refusals of the account, for all subjects and processes. Call it after the credentials were fixed. */
  readonly reset: () => Promise<void>;
  /** Ends background work, and gives leases back. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Options of one attempt. */
export interface AttemptOptions extends CallOptions {
  /** Names the credentials that `run` uses, if they are not those of the source. */
  readonly fingerprint?: (() => string | Promise<string>) | undefined;
}

/** Milliseconds. Reading a secret and a request have 30 s each. */
const LONGEST_RUN = 60_000;

/** One subject's token: like `managed`, with `current` for the token that is held or stored. */
export type ManagedSubject = Handle;

/**
 * Like `managed`, for any number of subjects that share clock, store, windows and guard.
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
  const { provider = 'custom', clock = systemClock } = ownMembers(options);
  let isDisposed = false;
  return {
    of,
    reset: () => of().reset(),
    attempt: async (operation, run, { signal, fingerprint } = {}) => {
      const gone = (): AuthError =>
        new AuthError('This provider has been disposed of. Make a new one.', { code: 'aborted', provider, operation });
      const aborted = (): AuthError => new AuthError('The caller aborted the call.', { code: 'aborted', provider, operation });
      const endless = (): AuthError =>
        new AuthError('This did not end within a minute. It may have happened: look before you try again.', {
          code: 'outcome_unknown',
          provider,
          operation,
        });
      if (signal?.aborted) throw aborted();
      if (isDisposed) throw gone();
      // While another process's lease is waited for, no socket keeps this process alive.
      const release = clock.after(NEVER, () => {}, { ref: true });
      try {
        return await asOperation(operation, () =>
          attempt({
            id: '',
            signal: signal ?? new AbortController().signal,
            run: () => deadline(clock, LONGEST_RUN, run, { timeoutError: endless }),
            fingerprint,
          }),
        );
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
