import { AuthError } from '../errors.ts';
import { deadline } from '../wait.ts';
import {
  type AccountRecord,
  type AccountRecords,
  NOTHING_KNOWN,
  REFUSAL_BUDGET,
  type Refusal,
  withAccepted,
  withRefusal,
} from './account-record.ts';
import type { EngineContext } from './context.ts';
import { type EngineErrors, isDefiniteRefusal } from './engine-errors.ts';
import { DEADLINE, sourceTimeout } from './from-source.ts';
import type { Layer } from './renewal.ts';
import type { Claim } from './shared/claim.ts';

/** See `ManagedOptions.fingerprint`. */
type Fingerprint = () => string | Promise<string>;

/** One use of the credentials. */
export interface Attempt<T> {
  /** Whose attempt it is, for events. */
  readonly id: string;
  /** Gives the attempt up: the next one no longer waits for it. */
  readonly signal: AbortSignal;
  /** The credentials that `run` uses, if they are not those of the source. */
  readonly fingerprint?: Fingerprint | undefined;
  /** Makes the attempt. `failedLate` is told of a failure that comes when nobody waits for it any more. */
  readonly run: (failedLate: (cause: unknown) => void) => Promise<T>;
}

/** Puts the guard in front of the source. */
export const guarded =
  (guard: Guard): Layer =>
  (next) =>
  (renewal) => {
    const { id, flight } = renewal;
    return guard.attempt({ id, signal: flight.signal, run: (failedLate) => next({ ...renewal, failedLate }) });
  };

/**
 * Remembers which credentials an account was refused with, so that the vendor does not lock it: a refused secret is never sent again, by any
 * process, and after three different ones no more are sent. A guard belongs to the account, not to one token.
 */
export class Guard {
  readonly #context: EngineContext;
  readonly #shared: Promise<{ readonly account: AccountRecords }>;
  readonly #fingerprint: Fingerprint | undefined;
  /** The first use of credentials that is under way in this process. */
  #proving: Promise<void> | undefined;

  /** `shared.account` keeps the record. Without a `fingerprint` all credentials count as the same. */
  constructor(context: EngineContext, shared: Promise<{ readonly account: AccountRecords }>, fingerprint?: Fingerprint) {
    this.#context = context;
    this.#shared = shared;
    this.#fingerprint = fingerprint;
  }

  /**
   * Runs the attempt, unless its credentials are known to be refused. Until they have been accepted once, attempts go one at a time, in
   * all processes together, so that a wrong secret with a hundred thousand users is sent once. After a definite refusal the credentials
   * are read again; if they have changed, the attempt is repeated.
   */
  async attempt<T>(attempt: Attempt<T>): Promise<T> {
    let fingerprint = await this.#fingerprintOf(attempt);
    for (;;) {
      try {
        return await this.#attemptWith(attempt, fingerprint);
      } catch (error) {
        // The credentials may have been fixed since they were read.
        const next = isDefiniteRefusal(error) ? await this.#fingerprintOf(attempt) : fingerprint;
        if (next === fingerprint) throw error;
        fingerprint = next;
      }
    }
  }

  /** Forgets all refusals. */
  async reset(): Promise<void> {
    await (await this.#shared).account.clear();
  }

  /** How many more refusals it takes until no more secrets are sent; `null` if nothing tells secrets apart. */
  async left(): Promise<number | null> {
    if (!this.#fingerprint) return null;
    const { refusals } = await (await this.#shared).account.read();
    return Math.max(0, REFUSAL_BUDGET - refusals.length);
  }

  /** The fingerprint of the credentials as they are now. It may come from a secret manager, which may hang. */
  #fingerprintOf({ signal, fingerprint = this.#fingerprint }: Attempt<unknown>): Promise<string> {
    const { timing, errors } = this.#context;
    return deadline(timing.clock, DEADLINE, async () => fingerprint?.() ?? '', { signal, timeoutError: () => sourceTimeout(errors) });
  }

  async #attemptWith<T>(attempt: Attempt<T>, fingerprint: string): Promise<T> {
    const { account: records } = await this.#shared;
    for (;;) {
      const record = await records.read();
      if (this.#isAccepted(record, fingerprint)) return this.#trial(attempt, fingerprint, record);
      if (!this.#proving) break;
      await this.#proving;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      attempt.signal.removeEventListener('abort', end);
      if (this.#proving === promise) this.#proving = undefined;
      resolve();
    };
    this.#proving = promise;
    // A source that ignores its signal must not hold up the next attempt for ever.
    attempt.signal.addEventListener('abort', end);
    const outcome = this.#prove(attempt, fingerprint, records);
    outcome.then(end, end);
    if (attempt.signal.aborted) end();
    return outcome;
  }

  /** The first use of credentials: one process at a time tries them, the others learn the outcome. */
  async #prove<T>(attempt: Attempt<T>, fingerprint: string, records: AccountRecords): Promise<T> {
    let latest = NOTHING_KNOWN;
    const claim = await records.claim(attempt.signal, (record) => {
      latest = record;
      return this.#isAccepted(record, fingerprint);
    });
    try {
      return await this.#trial(attempt, fingerprint, latest, claim);
    } finally {
      await records.release(claim);
    }
  }

  /** Runs the attempt, and records what it shows about the credentials. `before` is the record until then. */
  async #trial<T>(attempt: Attempt<T>, fingerprint: string, before: AccountRecord, claim?: Claim<AccountRecord>): Promise<T> {
    const failedLate = (cause: unknown): void => void this.#learn(attempt.id, fingerprint, cause).catch(() => {});
    let result: T;
    try {
      result = await attempt.run(failedLate);
    } catch (error) {
      await this.#learn(attempt.id, fingerprint, error, claim);
      throw error;
    }
    // The result is not lost only because the store could not record that the credentials are good.
    if (before.accepted !== fingerprint || before.refusals.length > 0)
      await (await this.#shared).account.change(withAccepted(fingerprint), claim).catch(() => {});
    return result;
  }

  /** Records and reports a definite refusal before any caller gets it. */
  async #learn(id: string, fingerprint: string, cause: unknown, claim?: Claim<AccountRecord>): Promise<void> {
    if (!isDefiniteRefusal(cause)) return;
    const { report } = this.#context;
    const { code, message, status, vendorCode } = cause;
    const refusal = withRefusal({ fingerprint, code, message, status, vendorCode });
    const { refusals } = await (await this.#shared).account.change(refusal, claim);
    await report(id, { type: 'refused', code });
    if (refusals.length === REFUSAL_BUDGET) await report(id, { type: 'guard_tripped', code });
  }

  /** Whether these credentials have been accepted. Throws if they have been refused, or too many others have. */
  #isAccepted({ accepted, refusals }: AccountRecord, fingerprint: string): boolean {
    const { errors } = this.#context;
    const refusal = refusals.find((candidate) => candidate.fingerprint === fingerprint);
    if (refusal) throw notTriedAgain(refusal, errors);
    // Wrong secrets that are tried elsewhere do not stop the one that works.
    if (accepted === fingerprint) return true;
    if (refusals.length >= REFUSAL_BUDGET) throw exhausted(errors);
    return false;
  }
}

const notTriedAgain = ({ message, ...facts }: Refusal, { provider, operation }: EngineErrors): AuthError =>
  new AuthError(`${message} These credentials are not sent again until you change them or call reset().`, {
    ...facts,
    provider,
    operation,
  });

const exhausted = ({ provider, make }: EngineErrors): AuthError =>
  make(
    'attempts_exhausted',
    `${provider} refused ${REFUSAL_BUDGET} different secrets. No more will be sent, to avoid locking the account. Fix the secret, then call reset().`,
  );
