import type { Clock, Token } from '@auth/core';
import { isTokenRefusal } from './errors.ts';

/** How long an answer counts, in milliseconds. Not for ever: a token that lacked a scope may end later, and has to be renewed then. */
const ANSWER_HOLDS = 60_000;

/**
 * Whether a token that was refused is dead. Older domains answer 403 to a dead token, newer ones to a missing scope, which a new token
 * would not fix. And a 401 may come whatever the token.
 */
export type TokenProbe = (token: Token) => Promise<boolean>;

/** Asks the vendor by a call that every live token of this kind can make: once a minute, not for every call that is refused. */
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
