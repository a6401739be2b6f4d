import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';

/** Definite refusals after which no more secrets are sent. Finicity locks the account at five. */
export const REFUSAL_BUDGET = 3;

/** Only a vendor's word about the credentials counts; networks, 5xx and 429 never do. */
const DEFINITE: ReadonlySet<AuthErrorCode> = new Set(['invalid_credentials', 'locked']);

/** Whether the vendor refused these very credentials. */
export const isDefiniteRefusal = (error: unknown): error is AuthError => AuthError.is(error) && DEFINITE.has(error.code);

/** Whether only new credentials or a reset of the guard can help. */
export const isRefused = (error: AuthError): boolean => DEFINITE.has(error.code) || error.code === 'attempts_exhausted';

/**
 * Remembers which credentials an account was refused with, so that no vendor locks it: a refused secret is never sent again, by any
 * process, and after three different ones no more are sent. A guard belongs to the account, not to one token.
 */
export interface Guard {
  /**
   * Runs the attempt, unless these credentials are known to be refused. Until they have been accepted once, attempts go one at a time,
   * in all processes together, so that a hundred thousand users under one wrong secret cost one.
   */
  readonly attempt: <T>(plan: Attempt<T>) => Promise<T>;
  /** Counts a failure that came when nobody was waiting for it any more. */
  readonly learn: (plan: Pick<Attempt<unknown>, 'fingerprint' | 'refused'>, error: unknown) => Promise<void>;
  readonly reset: () => Promise<void>;
  /** How many more refusals it takes until no more secrets are sent. */
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

/** What a guard needs. */
export interface GuardOptions {
  readonly provider: string;
  readonly operation: string;
  /** Shares the record with other processes. Without them, the record lives as long as this process. */
  readonly records: (() => Promise<AccountRecords>) | undefined;
}

/** What is known about an account's credentials, by their fingerprints. */
export interface AccountRecord {
  readonly accepted: string | null;
  readonly refusals: readonly Refusal[];
}

/** The vendor's refusal of one set of credentials. */
export interface Refusal {
  readonly fingerprint: string;
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
}

/** How processes share an account's record. While their store is down, each function makes do with what this process knows. */
export interface AccountRecords {
  /** The better of this process's record and the shared one. */
  readonly refresh: (known: AccountRecord) => Promise<AccountRecord>;
  /** Shares a change with all. `before` is this process's record without it. */
  readonly changed: (before: AccountRecord, next: (record: AccountRecord) => AccountRecord) => Promise<void>;
  /** Forgets all refusals. Rejects with `store_unavailable` while the store is down, because they would come back with it. */
  readonly cleared: (before: AccountRecord) => Promise<void>;
  /** The first use of credentials: one process at a time tries them, the others learn the outcome. */
  readonly firstUse: <T>(use: FirstUse<T>) => Promise<T>;
}

/** Credentials that have not been accepted yet. */
export interface FirstUse<T> {
  readonly signal: AbortSignal;
  readonly known: AccountRecord;
  /** Throws if this record rules the credentials out, else tells whether they have been accepted. */
  readonly isAccepted: (record: AccountRecord) => boolean;
  readonly trial: () => Promise<T>;
}

/** The record of an account that nobody has used yet. */
export const NOTHING_KNOWN: AccountRecord = { accepted: null, refusals: [] };

/** The guard of one account. What it does with other processes is in `shared/credential-records.ts`. */
export const createGuard = ({ provider, operation, records }: GuardOptions): Guard => {
  let known = NOTHING_KNOWN;
  let proving: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    if (records) known = await (await records()).refresh(known);
  };

  const change = async (next: (record: AccountRecord) => AccountRecord): Promise<void> => {
    const before = known;
    known = next(before);
    if (records) await (await records()).changed(before, next);
  };

  /** Whether these credentials have been accepted. Throws if they have been refused, or too many others have. */
  const isAccepted = ({ accepted, refusals }: AccountRecord, fingerprint: string): boolean => {
    const refusal = refusals.find((candidate) => candidate.fingerprint === fingerprint);
    if (refusal) throw notTriedAgain(refusal);
    // Wrong secrets that are tried elsewhere do not stop the one that works.
    if (accepted === fingerprint) return true;
    if (refusals.length >= REFUSAL_BUDGET) throw exhausted();
    return false;
  };
  const notTriedAgain = ({ message, ...facts }: Refusal): AuthError =>
    new AuthError(`${message} These credentials are not sent again until you change them or call reset().`, {
      ...facts,
      provider,
      operation,
    });
  const exhausted = (): AuthError =>
    new AuthError(
      `${provider} refused ${REFUSAL_BUDGET} different secrets. No more will be sent, to avoid locking the account. Fix the secret, then call reset().`,
      { code: 'attempts_exhausted', provider, operation },
    );

  const trial = async <T>({ fingerprint, run, refused }: Attempt<T>): Promise<T> => {
    try {
      const result = await run();
      // The result is not lost only because the store could not record that the credentials are good.
      if (known.accepted !== fingerprint || known.refusals.length > 0)
        await change(() => ({ accepted: fingerprint, refusals: [] })).catch(() => {});
      return result;
    } catch (error) {
      await learn({ fingerprint, refused }, error);
      throw error;
    }
  };

  const learn: Guard['learn'] = async ({ fingerprint, refused }, error) => {
    if (!isDefiniteRefusal(error)) return;
    const { code, message, status, vendorCode } = error;
    await change((record) => withRefusal(record, { fingerprint, code, message, status, vendorCode }));
    await refused(error, known.refusals.length === REFUSAL_BUDGET);
  };

  const prove = async <T>(plan: Attempt<T>): Promise<T> => {
    const { fingerprint, signal } = plan;
    if (!records) return trial(plan);
    const { firstUse } = await records();
    const isAcceptedBy = (record: AccountRecord): boolean => {
      known = record;
      return isAccepted(record, fingerprint);
    };
    return firstUse({ signal, known, isAccepted: isAcceptedBy, trial: () => trial(plan) });
  };

  return {
    attempt: async (plan) => {
      for (;;) {
        await refresh();
        if (isAccepted(known, plan.fingerprint)) return trial(plan);
        if (!proving) break;
        await proving;
      }
      const outcome = prove(plan);
      // A source that ignores its signal must not hold up the next one for ever.
      const over = endOf(outcome, plan.signal).then(() => {
        if (proving === over) proving = undefined;
      });
      proving = over;
      return outcome;
    },
    learn,
    reset: async () => {
      const before = known;
      known = withoutRefusals(before);
      if (records) await (await records()).cleared(before);
    },
    left: async () => {
      await refresh();
      return Math.max(0, REFUSAL_BUDGET - known.refusals.length);
    },
  };
};

/** Resolves when the work is over, or nobody wants it any more. */
const endOf = (work: Promise<unknown>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) return end();
    signal.addEventListener('abort', end);
    work.then(end, end);
  });

/** The record after a reset. */
export const withoutRefusals = ({ accepted }: AccountRecord): AccountRecord => ({ accepted, refusals: [] });

/** The record with one more refusal. Refused credentials no longer count as accepted. */
export const withRefusal = ({ accepted, refusals }: AccountRecord, refusal: Refusal): AccountRecord => ({
  accepted: accepted === refusal.fingerprint ? null : accepted,
  refusals: [...refusals.filter(({ fingerprint }) => fingerprint !== refusal.fingerprint), refusal],
});
