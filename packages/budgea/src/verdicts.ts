import type { Clock, Token } from '@auth/core';
import { isTokenRefusal } from './errors.ts';

/** Milliseconds. Not for ever: a token that a scope stopped once may end later, and has to be renewed then. */
export const VERDICT_HOLDS = 60_000;

/** Whether a token that was answered 403 is dead. Older domains say that of dead tokens, newer ones of a missing scope, which another token would not mend. */
export type Verdicts = (token: Token) => Promise<boolean>;

/** Asks the vendor with a call that every live token of this kind can make: once a minute, and not for every call that a scope forbids. */
export const createVerdicts = (clock: Clock, probe: (token: Token) => Promise<unknown>): Verdicts => {
  const verdicts = new WeakMap<Token, { readonly dead: Promise<boolean>; readonly until: number }>();
  return (token) => {
    const known = verdicts.get(token);
    if (known !== undefined && clock.monotonic() < known.until) return known.dead;
    const dead = probe(token).then(
      () => false,
      (error: unknown) => {
        if (isTokenRefusal(error)) return true;
        // Nothing was learnt, so the next 403 asks again.
        verdicts.delete(token);
        return false;
      },
    );
    verdicts.set(token, { dead, until: clock.monotonic() + VERDICT_HOLDS });
    return dead;
  };
};
