import type { Token } from '../authority.ts';
import type { AuthError } from '../errors.ts';
import type { TokenSource } from '../token-source.ts';
import { deadline } from '../wait.ts';
import type { EngineContext } from './context.ts';
import type { EngineErrors } from './engine-errors.ts';
import { checkedToken, lifeLeftSince } from './lifetime.ts';
import type { Renew } from './renewal.ts';

/** The deadline of one call of the source, in milliseconds. */
export const DEADLINE = 30_000;

/** The error at that deadline. */
export const sourceTimeout = ({ make }: EngineErrors): AuthError => make('timeout', `No token within ${DEADLINE / 1000} s. Try again.`);

/** The innermost layer: one call of the source, with a deadline, and a token that can be used. */
export const fromSource =
  ({ timing: { clock }, isSingleUse, errors }: EngineContext, sourceOf: (id: string) => TokenSource): Renew =>
  async ({ id, flight, refresh, failedLate }) => {
    const before = { wall: clock.now(), monotonic: clock.monotonic() };
    const call = async (signal: AbortSignal): Promise<Token> => {
      try {
        return await sourceOf(id).token({ signal, ...refresh });
      } catch (cause) {
        // Nobody is waiting any more, but the attempt was made and counts.
        if (signal.aborted) failedLate(cause);
        throw cause;
      }
    };
    try {
      const token = await deadline(clock, DEADLINE, call, { signal: flight.signal, timeoutError: () => sourceTimeout(errors) });
      const now = clock.monotonic();
      const duration = now - before.monotonic;
      const left = lifeLeftSince(token, before.wall, duration, clock.now());
      return { token: checkedToken(token, left, errors), issued: { until: now + left, duration } };
    } catch (cause) {
      // A source may have sent a single-use refresh token before it failed.
      throw errors.from(cause, isSingleUse ? 'outcome_unknown' : 'unavailable');
    }
  };
