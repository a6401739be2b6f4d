import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';

/** Definite refusals before no secret is tried at all. Finicity locks the account at five. */
export const REFUSAL_BUDGET = 3;

/** Only a vendor's word about the credentials counts; networks, 5xx and 429 never do. */
const DEFINITE: ReadonlySet<AuthErrorCode> = new Set(['invalid_credentials', 'locked']);

const isDefiniteRefusal = (error: AuthError): boolean => DEFINITE.has(error.code);

/** Whether only somebody who changes the credentials, or resets the guard, can put it right. */
export const isRefused = (error: AuthError): boolean => isDefiniteRefusal(error) || error.code === 'attempts_exhausted';

/**
 * Remembers which credentials an account was refused with, so that no vendor locks it: the same secret is never tried twice,
 * by any process, and after three different wrong ones none is. It belongs to the account, not to one token.
 */
export interface Guard {
  /**
   * Runs it, unless these credentials are known to be refused. Until they have been accepted once, attempts go one at a time,
   * in all processes together, so that a hundred thousand users under one wrong secret cost one.
   */
  readonly attempt: <T>(plan: Attempt<T>) => Promise<T>;
  readonly reset: () => Promise<void>;
  /** How many more refusals it takes until nothing is tried. */
  readonly left: () => Promise<number>;
}

/** One use of the credentials. */
export interface Attempt<T> {
  readonly fingerprint: string;
  /** Ends the attempt: the next one need not wait for it. */
  readonly signal: AbortSignal;
  readonly run: () => Promise<T>;
  /** Told of a definite refusal, and whether it spent the budget. */
  readonly refused: (error: AuthError, isSpent: boolean) => Promise<void>;
}

/** What a guard works with. */
export interface GuardOptions {
  readonly provider: string;
  readonly operation: string;
  /** The record that all processes share. Without one it lives as long as the process. */
  readonly shared: (() => Promise<SharedRecord>) | undefined;
  readonly whenStoreIsDown: 'serve' | 'refuse';
}

/** What is known of an account's credentials, by their fingerprints. */
export interface AccountRecord {
  readonly accepted: string | null;
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly fingerprint: string;
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
}

/** An account's record in a store. Each function rejects with `store_unavailable` while that is down. */
export interface SharedRecord {
  /** `undefined` where there is none. */
  readonly read: () => Promise<AccountRecord | undefined>;
  /** Changes what is there, whoever else does so at the same time. */
  readonly update: (next: (record: AccountRecord | undefined) => AccountRecord) => Promise<void>;
  /** Does the work in one process at a time, unless another has settled it meanwhile. */
  readonly turn: <T>(signal: AbortSignal, settled: () => Promise<T | undefined>, work: () => Promise<T>) => Promise<T>;
}

export const NOTHING_KNOWN: AccountRecord = { accepted: null, refusals: [] };

export const createGuard = ({ provider, operation, shared, whenStoreIsDown }: GuardOptions): Guard => {
  /** What this process knows by itself: all there is while the store is down. */
  let known = NOTHING_KNOWN;
  /** Refusals that the store has not been told of. */
  let untold: readonly Refusal[] = [];
  let proving: Promise<void> | undefined;

  /** What is known by all; by this process alone, which is said, while the store is down. */
  const load = async (): Promise<{ readonly record: AccountRecord; readonly isAlone: boolean }> => {
    if (shared === undefined) return { record: known, isAlone: false };
    try {
      const record = await shared();
      if (untold.length > 0) {
        const refusals = untold;
        await record.update((before = known) => refusals.reduce(withRefusal, before));
        untold = [];
      }
      // Where the store lost the record, ours is the better one.
      known = (await record.read()) ?? known;
      return { record: known, isAlone: false };
    } catch (error) {
      if (!AuthError.is(error, 'store_unavailable')) throw error;
      return { record: known, isAlone: true };
    }
  };

  const change = async (next: (record: AccountRecord) => AccountRecord): Promise<void> => {
    const before = known;
    known = next(known);
    try {
      const record = await shared?.();
      await record?.update((stored = before) => next(stored));
    } catch (error) {
      if (!AuthError.is(error, 'store_unavailable')) throw error;
      untold = known.refusals;
    }
  };

  const verdict = ({ refusals }: AccountRecord, fingerprint: string): AuthError | undefined => {
    const refusal = refusals.find((candidate) => candidate.fingerprint === fingerprint);
    if (refusal !== undefined) return notTriedAgain(refusal);
    return refusals.length >= REFUSAL_BUDGET ? exhausted() : undefined;
  };
  const notTriedAgain = ({ message, ...facts }: Refusal): AuthError =>
    new AuthError(`${message} These credentials are not tried again until they change or reset() is called.`, {
      ...facts,
      provider,
      operation,
    });
  const exhausted = (): AuthError =>
    new AuthError(
      `${provider} refused ${REFUSAL_BUDGET} different secrets, so none is tried any more, lest the account be locked. Check the credentials, then call reset().`,
      { code: 'attempts_exhausted', provider, operation },
    );
  const unproven = (): AuthError =>
    new AuthError(
      'The store that remembers refused secrets cannot be reached, and this secret has not been accepted yet, so it is not tried.',
      {
        code: 'store_unavailable',
        provider,
        operation,
      },
    );

  const trial = async <T>({ fingerprint, run, refused }: Attempt<T>): Promise<T> => {
    try {
      const result = await run();
      if (known.accepted !== fingerprint || known.refusals.length > 0) await change(() => ({ accepted: fingerprint, refusals: [] }));
      return result;
    } catch (error) {
      if (!AuthError.is(error) || !isDefiniteRefusal(error)) throw error;
      const { code, message, status, vendorCode } = error;
      await change((record) => withRefusal(record, { fingerprint, code, message, status, vendorCode }));
      await refused(error, known.refusals.length === REFUSAL_BUDGET);
      throw error;
    }
  };

  /** The first use of credentials: in one process at a time, the others get to know what came of it. */
  const prove = async <T>(plan: Attempt<T>): Promise<T> => {
    if (shared === undefined) return trial(plan);
    let isTried = false;
    try {
      const record = await shared();
      const proof = await record.turn<{ readonly result: T } | 'accepted'>(
        plan.signal,
        async () => {
          const { record: now, isAlone } = await load();
          if (isAlone) throw unproven();
          const refusal = verdict(now, plan.fingerprint);
          if (refusal !== undefined) throw refusal;
          return now.accepted === plan.fingerprint ? 'accepted' : undefined;
        },
        async () => {
          isTried = true;
          return { result: await trial(plan) };
        },
      );
      return proof === 'accepted' ? trial(plan) : proof.result;
    } catch (error) {
      if (isTried || !AuthError.is(error, 'store_unavailable')) throw error;
      if (whenStoreIsDown === 'refuse') throw unproven();
      return trial(plan);
    }
  };

  return {
    attempt: async (plan) => {
      const { fingerprint, signal } = plan;
      for (;;) {
        const { record } = await load();
        const refusal = verdict(record, fingerprint);
        if (refusal !== undefined) throw refusal;
        if (record.accepted === fingerprint) return trial(plan);
        if (proving === undefined) break;
        await proving;
      }

      const outcome = prove(plan);
      // A source that ignores its signal must not hold up the next one for ever.
      const over = Promise.race([outcome.catch(() => {}), aborted(signal)]).then(() => {
        if (proving === over) proving = undefined;
      });
      proving = over;
      return outcome;
    },
    reset: async () => {
      await change(({ accepted }) => ({ accepted, refusals: [] }));
    },
    left: async () => Math.max(0, REFUSAL_BUDGET - (await load()).record.refusals.length),
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const withRefusal = ({ accepted, refusals }: AccountRecord, refusal: Refusal): AccountRecord => ({
  accepted: accepted === refusal.fingerprint ? null : accepted,
  refusals: [...refusals.filter(({ fingerprint }) => fingerprint !== refusal.fingerprint), refusal],
});
