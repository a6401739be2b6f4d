import type { Clock, Token } from '@auth/core';
import { isTokenRefusal } from './errors.ts';

/** Milliseconds. Not for ever: a token that a scope stopped once may end later, and has to be renewed then. */
export const ANSWER_HOLDS = 60_000;

/** Whether a token that was answered 403 is dead. Older domains say that of dead tokens, newer ones of a missing scope, which another token would not mend. */
export type TokenProbe = (token: Token) => Promise<boolean>;

/** Asks the vendor with a call that every live token of this kind can make: once a minute, and not for every call that a scope forbids. */
export const createTokenProbe = (clock: Clock, probe: (token: Token) => Promise<unknown>): TokenProbe => {
  const answers = new WeakMap<Token, { readonly isRevoked: Promise<boolean>; readonly until: number }>();
  return (token) => {
    const known = answers.get(token);
    if (known !== undefined && clock.monotonic() < known.until) return known.isRevoked;
    const isRevoked = probe(token).then(
      () => false,
      (error: unknown) => {
        if (isTokenRefusal(error)) return true;
        // Nothing was learnt, so the next 403 asks again.
        answers.delete(token);
        return false;
      },
    );
    answers.set(token, { isRevoked, until: clock.monotonic() + ANSWER_HOLDS });
    return isRevoked;
  };
};
