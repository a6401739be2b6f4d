import { type Clock, deadline, type SecretVault } from '@auth/core';
import { kindOf } from '@auth/core/kit';
import { fail } from './errors.ts';

/** What a vault holds. */
export interface VaultContent {
  readonly current: string;
  readonly pending: string | null;
}

/** A vault whose failures are `AuthError`s. They leave out what the vault threw, because it may quote the secret. */
export interface OpenVault {
  /** Rejects with `unavailable`, with `aborted`, or with `misconfigured` if the vault holds no usable current secret. */
  readonly read: (signal?: AbortSignal) => Promise<VaultContent>;
  /** Rejects with this code, and with this advice in the message. The content may have been written all the same. */
  readonly write: (content: VaultContent, code: 'unavailable' | 'outcome_unknown', advice: string) => Promise<void>;
  /** Settles when the last write has, even if that write timed out. Never rejects. */
  readonly idle: () => Promise<unknown>;
}

/** The timeout for each answer of a vault, in milliseconds. */
const DEADLINE = 30_000;

/** The product's vault, for one operation. */
export const openVault = (vault: SecretVault, operation: string, clock: Clock): OpenVault => {
  let writing: Promise<unknown> = Promise.resolve();

  return {
    read: async (signal) => {
      const outcome = await outcomeOf(vault.read, clock, signal);
      if (outcome === 'aborted') throw fail('aborted', operation, 'The caller aborted the call before anything was sent.');
      if ('failure' in outcome)
        throw fail('unavailable', operation, `The vault could not be read: ${outcome.failure}. Nothing was sent. Try again.`);
      const { current, pending }: Partial<VaultContent> = outcome.answer ?? {};
      if (typeof current !== 'string' || current === '' || /\s/.test(current))
        throw fail(
          'misconfigured',
          operation,
          'The vault holds no current secret, or one with a space or a line break. Nothing was sent. Fix the value in the vault.',
        );
      // An empty column or field counts as null.
      return { current, pending: typeof pending === 'string' && pending !== '' ? pending : null };
    },
    write: async (content, code, advice) => {
      // Takes no signal, because the outcome of a write must be known.
      const outcome = await outcomeOf(() => {
        const written = vault.write(content);
        writing = Promise.resolve(written).catch(() => {}); // some vaults return nothing at all
        return written;
      }, clock);
      if (outcome !== 'aborted' && 'failure' in outcome)
        throw fail(code, operation, `The write to the vault failed: ${outcome.failure}. ${advice}`);
    },
    idle: () => writing,
  };
};

type Outcome<T> = { readonly answer: T } | { readonly failure: string } | 'aborted';

/** The outcome of a call to the vault, at the latest when the time is up or the signal aborts. */
const outcomeOf = async <T>(ask: () => Promise<T>, clock: Clock, signal?: AbortSignal): Promise<Outcome<T>> => {
  try {
    // A function that is not `async` may throw synchronously.
    return { answer: await deadline(clock, DEADLINE, async () => ask(), { signal, ref: true, timeoutError: () => new NoAnswer() }) };
  } catch (error) {
    if (signal?.aborted) return 'aborted';
    if (error instanceof NoAnswer) return { failure: `no answer within ${DEADLINE / 1000} s` };
    return { failure: kindOf(error) };
  }
};

class NoAnswer extends Error {}
