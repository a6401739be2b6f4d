import type { AuthError, AuthErrorCode } from '../errors.ts';
import type { Claim } from './shared/claim.ts';

/** Requests with credentials that were never accepted, until no more are sent. Finicity locks the account at five. */
export const BUDGET = 3;

const MINUTE = 60_000;

/** How long credentials rest that had been accepted, before they are tried once more: after the refusal, and after each probe. */
const PAUSES: readonly number[] = [MINUTE, 10 * MINUTE, 60 * MINUTE];

/** Milliseconds. A vendor's nodes may learn of a new secret late. */
const NEW = 10 * MINUTE;

/** Milliseconds until one more attempt when the budget was spent by attempts of which nobody knows the outcome. */
const CRASH_PAUSE = 60 * MINUTE;

/** How many fingerprints are remembered of each kind. */
const [MOST_ACCEPTED, MOST_CLOSED] = [4, 8];

/** A point in time for processes whose clocks differ: a wall-clock time, and how long that was from when it was set. In milliseconds. */
export interface Stamp {
  readonly at: number;
  readonly span: number;
}

/** The vendor's refusal of one set of credentials. */
export interface Refusal {
  readonly fingerprint: string;
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  /** The vendor's own word. Without it somebody on the way may have answered. */
  readonly vendorCode: string | undefined;
}

/** Credentials that are not sent again. */
export interface Closed {
  readonly refusal: Refusal;
  /** How many requests with them count against the budget: those since the last success of others. */
  readonly counts: number;
}

/** Credentials that had been accepted, and rest until they are tried once more. */
export interface Paused {
  readonly refusal: Refusal;
  /** Probes that were made since the refusal, and how many there may be. */
  readonly probes: number;
  readonly most: number;
  readonly until: Stamp;
  /** How many requests with them count against the budget: those since the last success of others. */
  readonly counts: number;
  /** When they were first accepted, by the wall clock. */
  readonly acceptedAt: number;
}

/** An attempt with credentials that were never accepted, which has begun and has no outcome. It may have died. */
export interface Begun {
  readonly id: string;
  /** Until one more is made although the budget is spent. */
  readonly until: Stamp;
}

/** What is known about an account's credentials, by their fingerprints. */
export interface AccountRecord {
  /** With the wall-clock time at which they were first accepted. The last is the newest. */
  readonly accepted: readonly { readonly fingerprint: string; readonly at: number }[];
  readonly closed: readonly Closed[];
  readonly paused: readonly Paused[];
  readonly begun: readonly Begun[];
  /** The vendor asked not to be called before. */
  readonly notBefore: Stamp | null;
  /** How often somebody has called `reset()`. Shows whether a refusal that is not here was forgotten on purpose. */
  readonly resets: number;
}

/** A change of the record. It may be made more than once, over what another process has written meanwhile. */
export type RecordChange = (record: AccountRecord) => AccountRecord;

/** The record of an account that nobody has used yet. */
export const NOTHING_KNOWN: AccountRecord = { accepted: [], closed: [], paused: [], begun: [], notBefore: null, resets: 0 };

/** What the record says about using credentials now. `retryAfter` in milliseconds. */
export type Verdict =
  /** Accepted: at once, side by side with others. */
  | { readonly use: 'at once' }
  /** By one process at a time, which writes down before that it has begun. */
  | { readonly use: 'in turn' }
  | { readonly use: 'not'; readonly because: Refusal | 'exhausted' | 'not before'; readonly retryAfter: number | undefined };

/** Judges credentials by the record. `left` gives the milliseconds until a stamp is due, 0 if it is. */
export const judge = (record: AccountRecord, fingerprint: string, left: (stamp: Stamp) => number): Verdict => {
  const closed = closedOf(record, fingerprint);
  if (closed) return { use: 'not', because: closed.refusal, retryAfter: undefined };
  const postponed = record.notBefore === null ? 0 : left(record.notBefore);
  if (postponed > 0) return { use: 'not', because: 'not before', retryAfter: postponed };
  const paused = pausedOf(record, fingerprint);
  if (paused) {
    const rest = left(paused.until);
    // What others began and did not live to end says nothing about these.
    const isSpent = refusedOf(record) > BUDGET;
    return rest > 0 || isSpent ? { use: 'not', because: paused.refusal, retryAfter: isSpent ? undefined : rest } : { use: 'in turn' };
  }
  // Wrong secrets that are tried elsewhere do not stop the one that works.
  if (acceptedAtOf(record, fingerprint) !== undefined) return { use: 'at once' };
  const spent = spentOf(record);
  if (spent < BUDGET) return { use: 'in turn' };
  // A right secret whose attempts died before their outcome is not out for good.
  const isByDeaths = spent === BUDGET && record.begun.length > 0;
  const rest = isByDeaths ? Math.max(...record.begun.map(({ until }) => left(until))) : undefined;
  return rest === 0 ? { use: 'in turn' } : { use: 'not', because: 'exhausted', retryAfter: rest };
};

/** The credentials, if they rest. */
export const pausedOf = ({ paused }: AccountRecord, fingerprint: string): Paused | undefined =>
  paused.find(({ refusal }) => refusal.fingerprint === fingerprint);

/** How many requests count against the budget because they were refused. */
export const refusedOf = ({ closed, paused }: AccountRecord): number => [...closed, ...paused].reduce((sum, { counts }) => sum + counts, 0);

/** The same with those that have begun and have no outcome. */
export const spentOf = (record: AccountRecord): number => refusedOf(record) + record.begun.length;

/**
 * Before a request with credentials that are not accepted: that it has begun, or what follows should it be a probe of paused ones that nobody
 * survives. `id` is the attempt's, and `now` the wall clock.
 */
export const beginningOf =
  (fingerprint: string, id: string, now: number): RecordChange =>
  (record) => {
    const paused = pausedOf(record, fingerprint);
    if (!paused) return { ...record, begun: [...record.begun, { id, until: { at: now + CRASH_PAUSE, span: CRASH_PAUSE } }] };
    const [probes, counts] = [paused.probes + 1, paused.counts + 1];
    return probes < paused.most
      ? withPause(record, { ...paused, probes, counts, until: pauseAfter(probes, now) })
      : withClosed(record, paused.refusal, counts);
  };

/** The same request has ended and says nothing about the credentials: `before` is the record in which it had not begun. */
export const undone =
  (fingerprint: string, id: string, before: AccountRecord, now: number): RecordChange =>
  (record) => {
    const paused = pausedOf(before, fingerprint);
    if (!paused) return withoutBegun(record, id);
    const there = pausedOf(record, fingerprint);
    const isThere = there !== undefined && there.probes > paused.probes;
    const written = paused.probes + 1 === paused.most ? closedOf(record, fingerprint) : isThere && there;
    // Somebody has reset the account, or the vendor has accepted or refused the credentials elsewhere.
    if (!written) return record;
    return withPause(record, { ...paused, counts: Math.max(0, written.counts - 1), until: pauseAfter(paused.probes, now) });
  };

/**
 * The credentials were accepted: the whole budget is there again. What was closed stays closed, and so does a wait that the vendor has asked
 * for since the request was sent: `before` is the record of that time.
 */
export const accepting =
  (fingerprint: string, now: number, before?: AccountRecord): RecordChange =>
  (record) => {
    const { accepted, closed, paused, notBefore, resets } = withoutCredentials(record, fingerprint);
    const at = acceptedAtOf(record, fingerprint) ?? now;
    return {
      accepted: [...accepted, { fingerprint, at }].slice(-MOST_ACCEPTED),
      closed: closed.map(({ refusal }) => ({ refusal, counts: 0 })),
      paused: paused.map((pause) => ({ ...pause, counts: 0 })),
      begun: [],
      notBefore: !before || notBefore?.at === before.notBefore?.at ? null : notBefore,
      resets,
    };
  };

/** Whether the record would change if these credentials were accepted now. */
export const isChangedByAccepting = (record: AccountRecord, fingerprint: string): boolean =>
  spentOf(record) > 0 || record.notBefore !== null || acceptedAtOf(record, fingerprint) === undefined;

/** A request that was refused. */
export interface Refused {
  /** The wall clock at the refusal. */
  readonly now: number;
  /** The attempt's id, if it was written down that it had begun. */
  readonly id: string | undefined;
  /** The record as it was then. */
  readonly before: AccountRecord;
}

/** The credentials were refused. Only the vendor's own word closes what had been accepted, and not at once if that was minutes ago. */
export const refusingOf =
  (refusal: Refusal, { now, id, before }: Refused): RecordChange =>
  (record) => {
    const { fingerprint, code, vendorCode } = refusal;
    const isOwnWord = code === 'locked' || vendorCode !== undefined;
    const acceptedAt = acceptedAtOf(record, fingerprint);
    if (acceptedAt === undefined) {
      const paused = pausedOf(record, fingerprint);
      // Others that were under way say the same again.
      if (paused && (!isOwnWord || paused.most === 1)) return record;
      // The first own word, minutes after they were accepted.
      if (paused && paused.most > 1 && Math.abs(now - paused.acceptedAt) < NEW)
        return withPause(record, { ...paused, refusal, probes: 0, most: 1, until: pauseAfter(0, now) });
      const known = paused ?? closedOf(record, fingerprint);
      const ended = id === undefined ? record : withoutBegun(record, id);
      return withClosed(ended, refusal, Math.max(1, known?.counts ?? 0));
    }
    // An acceptance that this request knew nothing of may be the later one: the refusal may have waited for a store that was down.
    const isNew = acceptedAt !== acceptedAtOf(before, fingerprint) || Math.abs(now - acceptedAt) < NEW;
    if (isOwnWord && !isNew) return withClosed(record, refusal, 1);
    return withPause(record, { refusal, probes: 0, most: isOwnWord ? 1 : PAUSES.length, until: pauseAfter(0, now), counts: 1, acceptedAt });
  };

/** The vendor asked to wait: nobody calls before. Of two waits the one that ends later counts. Milliseconds; `left` as in `judge`. */
export const postponing =
  (span: number, now: number, left: (stamp: Stamp) => number = () => 0): RecordChange =>
  (record) =>
    record.notBefore !== null && left(record.notBefore) > span ? record : { ...record, notBefore: { at: now + span, span } };

/** The record after a reset. */
export const resetting: RecordChange = ({ accepted, resets }) => ({ ...NOTHING_KNOWN, accepted, resets: resets + 1 });

/** The record with the refusals that this process knows of, in case the store has lost them. After a reset they are forgotten on purpose. */
export const remembering =
  (known: AccountRecord): RecordChange =>
  (record) => {
    if (known.resets < record.resets) return record;
    const isThere = ({ refusal }: Closed): boolean =>
      [...record.closed, ...record.paused].some((other) => other.refusal.fingerprint === refusal.fingerprint) ||
      record.accepted.some(({ fingerprint }) => fingerprint === refusal.fingerprint);
    const lost = known.closed.filter((closed) => !isThere(closed));
    return lost.length === 0 ? record : { ...record, closed: [...lost, ...record.closed].slice(-MOST_CLOSED), resets: known.resets };
  };

/** Where the record of an account is: in this process, or in a store for all processes. */
export interface AccountRecords {
  /** Whether no first use may go without being written down: `whenStoreIsDown: 'refuse'`. */
  readonly isStrict: boolean;
  readonly read: () => Promise<AccountRecord>;
  /** What this process knows of it without reading. */
  readonly known: () => AccountRecord;
  /** Resolves to the changed record. A claim is given back with the same write, and `failure` goes to those who wait for it. */
  readonly change: (change: RecordChange, claim?: Claim<AccountRecord>, failure?: AuthError) => Promise<AccountRecord>;
  /** Forgets all but what was accepted. Rejects with `store_unavailable` while the store is down, because the rest would come back with it. */
  readonly reset: () => Promise<void>;
  /**
   * Waits until this process is the one that may try credentials, and writes down that it begins. Resolves to `undefined` if they were
   * accepted meanwhile.
   */
  readonly begin: (use: FirstUse) => Promise<Beginning | undefined>;
}

/** A request that was written down. While a store is down, or without one, there is no claim. */
export interface Beginning {
  readonly claim: Claim<AccountRecord> | undefined;
}

/** A request with credentials that are not accepted. */
export interface FirstUse {
  readonly signal: AbortSignal;
  /** Whether they are accepted meanwhile. Throws if they are refused. */
  readonly isAccepted: (record: AccountRecord) => boolean;
  readonly beginning: RecordChange;
}

const pauseAfter = (probes: number, now: number): Stamp => {
  const span = PAUSES[probes] ?? CRASH_PAUSE;
  return { at: now + span, span };
};

const withPause = (record: AccountRecord, paused: Paused): AccountRecord => {
  const rest = withoutCredentials(record, paused.refusal.fingerprint);
  return { ...rest, paused: [...rest.paused, paused] };
};

const withClosed = (record: AccountRecord, refusal: Refusal, counts: number): AccountRecord => {
  const rest = withoutCredentials(record, refusal.fingerprint);
  return { ...rest, closed: [...rest.closed, { refusal, counts }].slice(-MOST_CLOSED) };
};

const closedOf = ({ closed }: AccountRecord, fingerprint: string): Closed | undefined =>
  closed.find(({ refusal }) => refusal.fingerprint === fingerprint);

const acceptedAtOf = ({ accepted }: AccountRecord, fingerprint: string): number | undefined =>
  accepted.find((known) => known.fingerprint === fingerprint)?.at;

const withoutBegun = (record: AccountRecord, id: string): AccountRecord => ({
  ...record,
  begun: record.begun.filter((begun) => begun.id !== id),
});

const withoutCredentials = (record: AccountRecord, fingerprint: string): AccountRecord => ({
  ...record,
  accepted: record.accepted.filter((known) => known.fingerprint !== fingerprint),
  closed: record.closed.filter(({ refusal }) => refusal.fingerprint !== fingerprint),
  paused: record.paused.filter(({ refusal }) => refusal.fingerprint !== fingerprint),
});
