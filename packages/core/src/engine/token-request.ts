import type { Token } from '../authority.ts';
import type { Clock } from '../clock.ts';
import type { AuthError } from '../errors.ts';
import type { TokenSource } from '../token-source.ts';
import { deadline } from '../wait.ts';
import { authErrorsOf, type MakeError } from './as-auth-error.ts';
import { type Guard, isDefiniteRefusal } from './credential-guard.ts';
import type { Report } from './report.ts';
import { lifeLeftSince } from './subject.ts';

/** The deadline of one call of the source, in milliseconds. */
const DEADLINE = 30_000;

/** A token, and its end in monotonic milliseconds; `Infinity` if it does not end. */
export interface Obtained {
  readonly token: Token;
  readonly until: number;
}

/** One request for a token to the source. */
export interface TokenRequest {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly refreshToken: string | null;
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
}

/** What token requests need. */
export interface TokenRequestOptions {
  readonly sourceOf: (id: string) => TokenSource;
  readonly fingerprint: () => string | Promise<string>;
  readonly guard: Guard;
  readonly report: Report;
  readonly clock: Clock;
  readonly operation: string;
  /** The code for an error that is not an `AuthError`. */
  readonly codeOfUnknown: 'unavailable' | 'outcome_unknown';
  readonly fail: MakeError;
}

/** The calls that use the credentials. */
export interface TokenRequests {
  /** Asks the source, under the guard. Rejects only with an `AuthError`. */
  readonly requestToken: (request: TokenRequest) => Promise<Obtained>;
  /** Runs a call under the guard: never with credentials that are known to be refused. `learn` takes a failure that comes too late. */
  readonly attempt: <T>(
    id: string,
    signal: AbortSignal,
    run: (learn: (cause: unknown) => void) => Promise<T>,
    fingerprint?: () => string | Promise<string>,
  ) => Promise<T>;
}

/** The token requests to one kind of source. */
export const createTokenRequests = ({
  sourceOf,
  fingerprint: fingerprintNow,
  guard,
  report,
  clock,
  operation,
  codeOfUnknown,
  fail,
}: TokenRequestOptions): TokenRequests => {
  const asAuthError = authErrorsOf(operation, fail, codeOfUnknown);

  const timeoutError = (): AuthError => fail('timeout', `No token within ${DEADLINE / 1000} s. Try again.`);

  const requestOnce = async (
    { id, signal, refreshToken, saveRefreshToken }: TokenRequest,
    learn: (cause: unknown) => void,
  ): Promise<Obtained> => {
    const before = { wall: clock.now(), monotonic: clock.monotonic() };
    const requestToken = async (inner: AbortSignal): Promise<Token> => {
      try {
        return await sourceOf(id).token({ signal: inner, refreshToken, saveRefreshToken });
      } catch (cause) {
        // Nobody is waiting any more, but the attempt was made and counts.
        if (inner.aborted) learn(cause);
        throw cause;
      }
    };
    try {
      const token = await deadline(clock, DEADLINE, requestToken, { signal, timeoutError });
      const now = clock.monotonic();
      const left = lifeLeftSince(token, before.wall, now - before.monotonic, clock.now());
      return { token: checkedToken(token, left, fail), until: now + left };
    } catch (cause) {
      throw asAuthError(cause);
    }
  };

  const refused =
    (id: string) =>
    async ({ code }: AuthError, isSpent: boolean): Promise<void> => {
      await report(id, { type: 'refused', code });
      if (isSpent) await report(id, { type: 'guard_tripped', code });
    };

  const attempt: TokenRequests['attempt'] = async (id, signal, run, printNow = fingerprintNow) => {
    // The fingerprint may come from a secret manager, which may hang.
    const current = (): Promise<string> => deadline(clock, DEADLINE, async () => printNow(), { signal, timeoutError });
    for (let print = await current(); ; ) {
      try {
        const plan = { fingerprint: print, refused: refused(id) };
        const learn = (cause: unknown): void => void guard.learn(plan, cause).catch(() => {});
        return await guard.attempt({ ...plan, signal, run: () => run(learn) });
      } catch (error) {
        // The credentials may have been fixed since they were read: then try once more, with the new ones.
        const next = isDefiniteRefusal(error) ? await current() : print;
        if (next === print) throw error;
        print = next;
      }
    }
  };

  return { attempt, requestToken: (request) => attempt(request.id, request.signal, (learn) => requestOnce(request, learn)) };
};

/** The token if it can be used; otherwise throws what is wrong with it. `left` is its remaining life, in milliseconds. */
export const checkedToken = (token: Token, left: number, fail: MakeError): Token => {
  const { value, issuedAt, expiresAt } = token;
  const wrong = (what: string): AuthError => fail('invalid_response', `The token ${what}.`);
  if (typeof value !== 'string' || value === '') throw wrong('has no value');
  if (!Number.isFinite(issuedAt) || !(expiresAt === null || Number.isFinite(expiresAt)))
    throw wrong('has times that are not epoch milliseconds');
  if (left <= 0) throw wrong('has expired. Check the clock and the units');
  return token;
};
