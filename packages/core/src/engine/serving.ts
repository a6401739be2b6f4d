import type { Token } from '../authority.ts';
import { isControlFlow } from '../control-flow.ts';
import { AuthError, copyOf } from '../errors.ts';
import { deadline } from '../wait.ts';
import type { EngineContext } from './context.ts';
import { type EngineErrors, gone, isRefused } from './engine-errors.ts';
import { Flight } from './flight.ts';
import type { Renew, Renewal } from './renewal.ts';
import type { Subject } from './subject.ts';

/** How tokens are renewed and served. */
export interface ServingOptions {
  readonly renew: Renew;
  readonly serveExpired: boolean | undefined;
  /** Takes work that may go on after the calls that caused it, for `waitUntil`. */
  readonly background: (work: Promise<unknown>) => void;
}

/** Gives callers what the state of a token allows: the token, the outcome of a renewal, or the last failure. */
export class Serving {
  readonly #context: EngineContext;
  readonly #options: ServingOptions;

  constructor(context: EngineContext, options: ServingOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** What a caller gets who found no fresh token in memory. */
  async token(id: string, subject: Subject, signal: AbortSignal | undefined): Promise<Token> {
    const { timing, errors } = this.#context;
    if (subject.isForgotten()) throw gone(errors);
    if (signal?.aborted) throw aborted(errors);
    const { token } = subject;
    const state = subject.state(timing);
    const failure = subject.activity?.failure;
    const now = timing.time.now();
    if (token && state === 'fresh') return token;
    if (token && state === 'advisory') {
      if (failure === undefined || now >= failure.retryAt) this.#flightOf(id, subject);
      return token;
    }
    const usable = failure && this.#usableToken(subject);
    const left = failure ? (usable ? failure.retryAt : failure.coldRetryAt) - now : 0;
    if (failure && left > 0) return this.#serveStale(id, usable, failure.error, left);
    if (token && state === 'expired' && !this.#options.serveExpired) subject.discard(token.value);
    return this.#renewed(id, subject, signal);
  }

  /** The outcome of the renewal that is under way, or of a new one. */
  async #renewed(id: string, subject: Subject, signal: AbortSignal | undefined): Promise<Token> {
    const flight = subject.activity?.flight;
    if (flight?.isStuck()) {
      // The process may have stood still: then the answer is here, or comes at once.
      await flight.ended();
      if (subject.activity?.flight !== flight) return this.token(id, subject, signal);
    }
    try {
      const obtained = await this.#flightOf(id, subject).join(signal);
      // A stored token may already be due for renewal.
      if (subject.token === obtained && subject.state(this.#context.timing) === 'advisory') this.#flightOf(id, subject);
      return obtained;
    } catch (error) {
      if (!AuthError.is(error)) throw error;
      // The engine was disposed of, or this caller asked for it.
      if (error.code === 'aborted') throw ownError(error);
      // Judged again: meanwhile the token may have ended, been rejected, or come from the store.
      return this.#serveStale(id, this.#usableToken(subject), error);
    }
  }

  /** The token that may be served while renewals fail. */
  #usableToken(subject: Subject): Token | undefined {
    return subject.isForgotten() || !this.#options.serveExpired ? subject.liveToken(this.#context.timing) : subject.token;
  }

  /**
   * Serves the token although it could not be renewed, or throws the reason. `left`: milliseconds until the next try, if this caller is not
   * the first to hear of it.
   */
  #serveStale(id: string, usable: Token | undefined, error: AuthError, left?: number): Token {
    if (!usable) throw ownError(error, left);
    this.#context.report(id, { type: 'served_stale', code: error.code });
    return usable;
  }

  /** The flight under way if it moves, or a new one. */
  #flightOf(id: string, subject: Subject): Flight<Token> {
    const activity = subject.activityOrNew();
    if (activity.flight && !activity.flight.isStuck()) return activity.flight;
    const { timing, isSingleUse, errors, report } = this.#context;
    const { renew, background } = this.#options;
    const flight: Flight<Token> = new Flight({
      clock: timing.clock,
      abandonable: !subject.token && !isSingleUse,
      run: async (context) => {
        try {
          return (await renew({ id, subject, flight: context, refresh: NO_REFRESH_TOKEN, failedLate: () => {} })).token;
        } catch (cause) {
          if (isControlFlow(cause)) throw cause;
          throw this.#failed(id, subject, context.signal, await this.#named(id, errors.from(cause)));
        }
      },
      landed: () => {
        if (activity.flight === flight) activity.flight = undefined;
        subject.dropEmptyActivity();
      },
      errors: { aborted: () => aborted(errors), stuck: () => stuck(errors) },
    });
    activity.flight = flight;
    background(flight.work);
    report(id);
    return flight;
  }

  /** The failure with its subject's name, if that is at hand. */
  async #named(id: string, error: AuthError): Promise<AuthError> {
    const { timing, errors, nameOf } = this.#context;
    const timeoutError = (): Error => errors.make('timeout', 'The name was not found in time.');
    try {
      const authority = await deadline(timing.clock, NAMING, () => nameOf(id), { ref: true, timeoutError });
      return copyOf(error, { authority });
    } catch {
      return error;
    }
  }

  /** Remembers and reports a failure, unless the flight was given up. */
  #failed(id: string, subject: Subject, signal: AbortSignal, error: AuthError): AuthError {
    const { timing, report } = this.#context;
    if (signal.aborted) return error;
    subject.recordFailure(error, timing);
    report(id, { type: 'refresh_failed', code: error.code });
    return error;
  }
}

/** Milliseconds. Nobody should wait for a name from a store that does not answer. */
const NAMING = 100;

/** What a renewal begins with. The journal knows more. */
const NO_REFRESH_TOKEN: Renewal['refresh'] = { refreshToken: null, saveRefreshToken: async () => {} };

/**
 * The same failure for one caller, who may change it, and whose stack it has. When it is heard again, it says what is `left` until the next
 * try; but refused credentials are not sent then either.
 */
const ownError = (error: AuthError, left?: number): AuthError =>
  copyOf(error, left === undefined || isRefused(error) ? {} : { retryAfter: Math.ceil(left) });

const aborted = ({ make }: EngineErrors): AuthError => make('aborted', 'The caller aborted the call.');

const stuck = ({ make }: EngineErrors): AuthError =>
  make('timeout', 'The renewal that was waited for came to a standstill, perhaps because the request that began it has ended. Try again.');
