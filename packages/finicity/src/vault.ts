import { AuthError, type AuthErrorCode, type Clock, deadline, type SecretVault } from '@auth/core';

/** What a vault holds. */
export interface VaultContent {
  readonly current: string;
  readonly pending: string | null;
}

/** A vault whose failures are `AuthError`s. What it threw is left out, as it may quote the secret that it was given. */
export interface OpenVault {
  /** Rejects with `unavailable`, with `aborted`, and with `misconfigured` when there is no current secret in it. */
  readonly read: (signal?: AbortSignal) => Promise<VaultContent>;
  /** Rejects with this code and advice. It may have been written all the same. */
  readonly write: (content: VaultContent, code: 'unavailable' | 'outcome_unknown', advice: string) => Promise<void>;
  /** Settles when the last write has, also one whose answer was given up. Never rejects. */
  readonly idle: () => Promise<unknown>;
}

/** Milliseconds that one answer of a vault may take. */
const DEADLINE = 30_000;

/** The product's vault, for one operation. */
export const openVault = (vault: SecretVault, operation: string, clock: Clock): OpenVault => {
  const fail = (code: AuthErrorCode, message: string): AuthError => new AuthError(message, { code, provider: 'finicity', operation });
  let writing: Promise<unknown> = Promise.resolve();

  return {
    read: async (signal) => {
      const outcome = await outcomeOf(vault.read, clock, signal);
      if (outcome === 'aborted') throw fail('aborted', 'The caller stopped it before anything was sent.');
      if ('failure' in outcome) throw fail('unavailable', `The vault could not be read: ${outcome.failure}. Nothing was sent. Try again.`);
      const { current, pending }: Partial<VaultContent> = outcome.answer ?? {};
      if (typeof current !== 'string' || current === '' || /\s/.test(current))
        throw fail(
          'misconfigured',
          'The vault holds no current secret, or one with a space or a line break. Nothing was sent. Put it right.',
        );
      // A column or a field without content is as good as null.
      return { current, pending: typeof pending === 'string' && pending !== '' ? pending : null };
    },
    write: async (content, code, advice) => {
      // No signal ends it, as it has to be known what became of it.
      const outcome = await outcomeOf(() => {
        const written = vault.write(content);
        writing = Promise.resolve(written).catch(() => {}); // some answer nothing at all
        return written;
      }, clock);
      if (outcome !== 'aborted' && 'failure' in outcome) throw fail(code, `The vault could not be written: ${outcome.failure}. ${advice}`);
    },
    idle: () => writing,
  };
};

type Outcome<T> = { readonly answer: T } | { readonly failure: string } | 'aborted';

/** What became of it, at the latest when the time is over or the signal aborts. */
const outcomeOf = async <T>(ask: () => Promise<T>, clock: Clock, signal?: AbortSignal): Promise<Outcome<T>> => {
  try {
    // A vault without `async` throws at once.
    return { answer: await deadline(clock, DEADLINE, async () => ask(), { signal, ref: true, timeoutError: () => new NoAnswer() }) };
  } catch (error) {
    if (signal?.aborted) return 'aborted';
    if (error instanceof NoAnswer) return { failure: `no answer within ${DEADLINE / 1000} s` };
    return { failure: error instanceof Error ? error.name : typeof error };
  }
};

class NoAnswer extends Error {}
