import { type Clock, deadline, type Token } from '@auth/core';
import { isTokenRefusal } from './errors.ts';

/** How long an answer counts, in milliseconds. Not for ever: a token that lacked a scope may end later, and has to be renewed then. */
const ANSWER_HOLDS = 60_000;

/** Milliseconds. A probe that takes longer will never end: in a worker it ends without a word with the request that began it. */
const LONGEST_PROBE = 32_000;

/**
 * Whether a token that was refused is dead. Older domains answer 403 to a dead token, newer ones to a missing scope, which a new token
 * would not fix. And a 401 may come whatever the token.
 */
export type TokenProbe = (token: Token) => Promise<boolean>;

/** Asks the vendor by a call that every live token of this kind can make: once a minute, not for every call that is refused. */
export const createTokenProbe = (clock: Clock, probe: (token: Token) => Promise<unknown>): TokenProbe => {
  const answers = new WeakMap<Token, { readonly isRevoked: Promise<boolean>; readonly until: number }>();
  /** Each caller has a timer of its own. */
  const waited = (isRevoked: Promise<boolean>): Promise<boolean> =>
    deadline(clock, LONGEST_PROBE, () => isRevoked, { ref: true, timeoutError: () => new Error('The probe did not end.') }).catch(
      () => false,
    );
  return (token) => {
    const known = answers.get(token);
    if (known !== undefined && clock.monotonic() < known.until) return waited(known.isRevoked);
    const askedAt = clock.monotonic();
    const learn = (answer: boolean): boolean => {
      answers.set(token, { isRevoked: Promise.resolve(answer), until: askedAt + ANSWER_HOLDS });
      return answer;
    };
    const isRevoked = probe(token).then(
      () => learn(false),
      (error: unknown) => {
        if (isTokenRefusal(error)) return learn(true);
        // Nothing was learnt, so the next 403 asks again.
        answers.delete(token);
        return false;
      },
    );
    answers.set(token, { isRevoked, until: askedAt + LONGEST_PROBE });
    return waited(isRevoked);
  };
};
