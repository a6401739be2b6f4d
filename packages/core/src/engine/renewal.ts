import type { Token } from '../authority.ts';
import type { TokenContext } from '../token-source.ts';
import type { EngineContext } from './context.ts';
import type { FlightContext } from './flight.ts';
import type { Subject } from './subject.ts';

/** One renewal under way: the data that every layer reads. A layer passes it on with more in it. */
export interface Renewal {
  readonly id: string;
  readonly subject: Subject;
  readonly flight: FlightContext;
  /** The refresh token that the source is called with, and where it saves the next one. The journal sets both. */
  readonly refresh: Pick<TokenContext, 'refreshToken' | 'saveRefreshToken'>;
  /** Told of a failure that comes after the deadline, when nobody waits for it any more. The guard sets it. */
  readonly failedLate: (cause: unknown) => void;
}

/** What a renewal ends with. */
export interface Obtained {
  readonly token: Token;
  /** `undefined` if the token does not come from this request: then it is the current one already. */
  readonly issued: Issued | undefined;
}

/** When a new token ends, and how long its request took. */
export interface Issued {
  /** Milliseconds of the engine's time; `Infinity` if the token does not end. */
  readonly until: number;
  /** Milliseconds. */
  readonly duration: number;
}

/** The engine's one verb: gets a token for a subject. Rejects with an `AuthError`. */
export type Renew = (renewal: Renewal) => Promise<Obtained>;

/** Adds something to the verb. A layer knows the renewal and the next layer, and nothing of the layers beyond. */
export type Layer = (next: Renew) => Renew;

/** Prefers a token that was adopted while the source was asked: it is newer than the request. */
export const unlessAdopted: Layer = (next) => async (renewal) => {
  const { subject } = renewal;
  const before = subject.token;
  const obtained = await next(renewal);
  return subject.token && subject.token !== before ? { token: subject.token, issued: undefined } : obtained;
};

/** The outermost layer: makes a new token the subject's current one, and reports it. */
export const madeCurrent =
  ({ timing, errors, report }: EngineContext): Layer =>
  (next) =>
  async (renewal) => {
    const { id, subject } = renewal;
    const type = subject.token !== undefined || subject.activity?.discarded.length ? 'refreshed' : 'acquired';
    const obtained = await next(renewal);
    const { token, issued } = obtained;
    if (!issued) return obtained;
    if (!subject.isForgotten()) {
      subject.setToken(token, issued.until, timing);
      // Some vendors return the same token until its end: asking again at once would change nothing.
      if (subject.state(timing) !== 'fresh')
        subject.recordFailure(errors.make('unavailable', 'The new token is already due for renewal.'), timing);
    }
    report(id, { type, tokenId: crypto.randomUUID(), duration: issued.duration, expiresAt: token.expiresAt });
    return obtained;
  };
