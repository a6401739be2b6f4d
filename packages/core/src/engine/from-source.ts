import type { Token } from '../authority.ts';
import type { Clock } from '../clock.ts';
import { isControlFlow } from '../control-flow.ts';
import type { AuthError } from '../errors.ts';
import type { TokenSource } from '../token-source.ts';
import { deadline } from '../wait.ts';
import type { EngineContext } from './context.ts';
import type { EngineErrors } from './engine-errors.ts';
import type { FlightContext } from './flight.ts';
import { lifeLeftSince } from './lifetime.ts';
import type { Renew } from './renewal.ts';

/** The deadline of one call of the source, in milliseconds. */
export const DEADLINE = 30_000;

/** The error at that deadline. */
export const sourceTimeout = ({ make }: EngineErrors): AuthError => make('timeout', `No token within ${DEADLINE / 1000} s. Try again.`);

/** The innermost layer: one call of the source, with a deadline, and a token that can be used. */
export const fromSource =
  ({ timing: { clock, time }, isSingleUse, errors }: EngineContext, sourceOf: (id: string) => TokenSource): Renew =>
  async ({ id, flight, refresh, failedLate }) => {
    // Checked before anything is written: a vendor may leave the refresh token out of its answer.
    const saveRefreshToken = async (value: string): Promise<void> => refresh.saveRefreshToken(checkedRefreshToken(value, errors));
    const call = async (signal: AbortSignal): Promise<Token> => {
      try {
        return tokenOf(await sourceOf(id).token({ signal, refreshToken: refresh.refreshToken, saveRefreshToken }), errors);
      } catch (cause) {
        // Nobody is waiting any more, but the attempt was made and counts.
        if (signal.aborted) failedLate(cause);
        throw cause;
      }
    };
    const timeoutError = (): AuthError => sourceTimeout(errors);
    const ask = async () => {
      flight.moves();
      const before = { wall: clock.now(), monotonic: clock.monotonic() };
      const token = await deadline(moving(clock, flight), DEADLINE, call, { signal: flight.signal, timeoutError });
      flight.moves();
      const duration = clock.monotonic() - before.monotonic;
      return { token, left: lifeLeftSince(token, before.wall, duration, clock.now()), duration };
    };
    try {
      let answer = await ask();
      // Only a process that stood still gets an answer after the deadline. The token has ended meanwhile, and nothing is wrong with the source.
      if (answer.left <= 0 && answer.duration > DEADLINE && !isSingleUse) answer = await ask();
      const { token, left, duration } = answer;
      return { token: liveToken(token, left, errors), issued: { until: time.now() + left, duration } };
    } catch (cause) {
      if (isControlFlow(cause)) throw cause;
      // A source may have sent a single-use refresh token before it failed.
      throw errors.from(cause, isSingleUse ? 'outcome_unknown' : 'unavailable');
    }
  };

/** The clock, by which each timer that comes tells that the flight moves: its request has not ended. After a standstill, timers come first. */
const moving = ({ now, monotonic, after }: Clock, { moves }: FlightContext): Clock => ({
  now,
  monotonic,
  after: (milliseconds, run, how) =>
    after(
      milliseconds,
      () => {
        moves();
        run();
      },
      how,
    ),
});

/** The refresh token, which callers in JavaScript may have left out. Throws `invalid_response` for anything but a string with text in it. */
export const checkedRefreshToken = (value: unknown, { make }: EngineErrors): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw make(
    'invalid_response',
    'The refresh token has no value. If the vendor sent none, leave saveRefreshToken out: the old one goes on.',
  );
};

/** A frozen copy of what a source answered, or a caller adopts, because all callers share it. Throws `invalid_response` for what is not a token. */
export const tokenOf = (given: unknown, { make }: EngineErrors): Token => {
  const { value, issuedAt, expiresAt }: Readonly<Partial<Record<keyof Token, unknown>>> = Object(given);
  const wrong = (what: string): AuthError => make('invalid_response', `The token ${what}.`);
  if (typeof value !== 'string' || value === '') throw wrong('has no value');
  if (!isTime(issuedAt) || !(expiresAt === null || isTime(expiresAt))) throw wrong('has times that are not epoch milliseconds');
  return Object.freeze({ value, issuedAt, expiresAt });
};

const isTime = (value: unknown): value is number => Number.isFinite(value);

/** The token if any of its life is `left`, in milliseconds. */
export const liveToken = (token: Token, left: number, { make }: EngineErrors): Token => {
  if (left <= 0) throw make('invalid_response', 'The token has expired. Check the clock and the units.');
  return token;
};
