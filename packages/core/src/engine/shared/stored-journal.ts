import { isControlFlow } from '../../control-flow.ts';
import { AuthError } from '../../errors.ts';
import type { EngineContext } from '../context.ts';
import type { EngineErrors } from '../engine-errors.ts';
import { afterTakeOver, streakToStore } from '../refused-tokens.ts';
import type { Obtained, Renew, Renewal } from '../renewal.ts';
import type { KnownRefreshToken, Subject } from '../subject.ts';
import type { Change, Claim } from './claim.ts';
import type { Note } from './entries.ts';
import { isShared, isUnclear } from './failure-notes.ts';
import { isDown, servedWithoutStore } from './store-outage.ts';
import type { StoredSubject } from './stored-subject.ts';
import { takeOver } from './take-over.ts';

/*
 * What the entry of a subject holds during a renewal: token, refresh token, lease, and the mark that a single-use refresh token was sent.
 * Each arrow is one write, over the version that is known.
 *
 *     t1 r1 ──take──▶ t1 r1 lease sent ──save r2──▶ t1 r2 lease ──token t2──▶ t2 r2
 *                          │                            └──failure───▶ t1 r2
 *                          ├──token t2, nothing saved──────────────▶ t2 r1
 *                          ├──failure, r1 was not spent────────────▶ t1 r1
 *                          ├──failure, r1 may be spent─────────────▶ t1 r1 sent     outcome_unknown until adopt()
 *                          └──no sign of life, the next one looks──▶ t1 r1 sent     the same
 *
 * A refresh token that may be used again has no mark; the rest is the same.
 *
 * What the store could not take stays in this process, in `subject.activity.refreshToken`. The next renewal here writes it when it takes
 * the lease, unless the store has meanwhile got a mark that this process knows nothing of.
 */

/**
 * The record to write with the lease. It has the refresh token that only this process knows, if that is the newer one, and the mark of a
 * single-use refresh token. The record stays as it is if it has a mark of which this process knows nothing.
 */
export const takenOver = (there: StoredSubject, subject: Subject, owner: string | null): StoredSubject => {
  const known = newerHere(subject, there);
  if (there.sent !== null && !known) return there;
  const base = known ? { ...there, refreshToken: known.value, adoption: known.adoption ?? there.adoption } : there;
  // What was adopted was never sent, whatever the mark says of the one before.
  return { ...base, sent: owner && ((known?.adoption ? null : there.sent) ?? owner) };
};

/** How many marks are remembered: more than can come back from a store in practice. */
const MOST_MARKS = 4;

/**
 * Remembers that a refresh token was not sent. Needed when the store goes down while the lease is taken: the mark may be in the store, though
 * nothing was sent.
 */
export const holdUnsent = (subject: Subject, { refreshToken: value, sent }: StoredSubject): void => {
  const known = subject.activity?.refreshToken;
  const same = known?.isSaved === false && known.value === value ? known : undefined;
  subject.activityOrNew().refreshToken = {
    value,
    isSaved: false,
    newerThan: [...(same?.newerThan ?? []), sent].slice(-MOST_MARKS),
    replaces: [...new Set([...(same?.replaces ?? []), value])],
    adoption: same?.adoption ?? null,
  };
};

/**
 * The refresh token of this process, if it is newer than the record in the store. What the store did not take may have been written all the
 * same, and other processes go on meanwhile: so it counts only over what it was meant to replace; and an adoption also over everything but a
 * later adoption.
 */
const newerHere = ({ activity }: Subject, there: StoredSubject): KnownRefreshToken | undefined => {
  const known = activity?.refreshToken;
  if (known?.isSaved !== false) return undefined;
  const { value, newerThan, replaces, adoption } = known;
  const isOver = replaces.includes(there.refreshToken);
  if (adoption) {
    const isLater = there.adoption?.id !== adoption.id && adoption.at >= (there.adoption?.at ?? 0);
    return isOver || isLater ? known : undefined;
  }
  const isReplaced = isOver || replaces.length === 0 || there.refreshToken === value;
  return isReplaced && newerThan.includes(there.sent) ? known : undefined;
};

/** A renewal by the process that holds the lease: the verb between `inTurn` and `journalled`, which write through the same claim. */
export type ClaimedRenew = (renewal: Renewal, claim: Claim<StoredSubject>) => Promise<Obtained>;

/** Writes down the refresh token and the token before any caller gets them. The last write gives the lease back. */
export const journalled =
  (context: EngineContext, next: Renew): ClaimedRenew =>
  async (renewal, claim) => {
    const journal = new StoredJournal(context, renewal, claim);
    let obtained: Obtained;
    try {
      obtained = await next({ ...renewal, refresh: journal.open() });
    } catch (cause) {
      await journal.abort(cause);
      throw cause;
    }
    return journal.commit(obtained);
  };

/** What one renewal writes. It never writes over a record that somebody else has changed meanwhile. */
class StoredJournal {
  readonly #context: EngineContext;
  readonly #renewal: Renewal;
  readonly #claim: Claim<StoredSubject>;
  /** The mark beside which the refresh token was found, or which was written with the lease. */
  readonly #mark: string | null;
  /** The refresh token for the next call of the source. */
  #refreshToken: string | null;
  /** Whether the store has this refresh token. */
  #isSaved: boolean;
  /** Whether the source has got the next refresh token: then the one that it was called with is spent. */
  #isSpent: boolean;

  constructor(context: EngineContext, renewal: Renewal, claim: Claim<StoredSubject>) {
    this.#context = context;
    this.#renewal = renewal;
    this.#claim = claim;
    this.#mark = claim.ours.sent;
    this.#refreshToken = claim.ours.refreshToken;
    this.#isSaved = true;
    this.#isSpent = false;
  }

  /** What the source is called with. Throws if the refresh token may be spent. */
  open(): Renewal['refresh'] {
    const { subject } = this.#renewal;
    const isKnown = this.#mark === null || this.#mark === this.#claim.owner || newerHere(subject, this.#claim.ours);
    if (!isKnown) throw unclear(this.#context.errors);
    // What this process knew is in the store now, or was older.
    subject.rememberSaved(this.#refreshToken);
    return { refreshToken: this.#refreshToken, saveRefreshToken: (value) => this.#save(value) };
  }

  /** Writes the token. If another process has stored one meanwhile, resolves to that one. */
  async commit(obtained: Obtained): Promise<Obtained> {
    const { id, subject } = this.#renewal;
    const { token, issued } = obtained;
    if (!issued || subject.isForgotten()) {
      await this.#release(null, false);
      return obtained;
    }
    const isMarked = this.#isMarked();
    // Before the write, because its answer may never come.
    if (isMarked) this.#holdBack(this.#refreshToken);
    const refreshToken = this.#refreshToken;
    const { monotonic } = this.#context.timing.clock;
    const write: Change<StoredSubject> = (there, ours) => {
      if (isOvertaken(there, ours)) return undefined;
      // What stands beside a token that is gone is of whoever gave it up.
      const vain = streakToStore(subject.activity?.refusals, there.token === null ? there.vain : 0, monotonic());
      return { ...there, token, refreshToken, sent: null, vain };
    };
    try {
      if (!(await this.#claim.write(write, { last: true, insist: isMarked })))
        return takeOver(this.#context, id, subject, this.#claim.there) ?? obtained;
      this.#saved(refreshToken);
      const { vain } = this.#claim.ours;
      const known = subject.activity?.refusals;
      if (vain > (known?.streak ?? 0)) subject.activityOrNew().refusals = afterTakeOver(known, vain, 0, monotonic());
      // From now on the discarded values cannot come back from the store.
      if (subject.activity) subject.activity.discarded = [];
    } catch (error) {
      if (!isUnwritten(error)) throw error;
      // The vendor has said yes: that it cannot be written down does not take the token away.
      servedWithoutStore(this.#context, id, error);
    }
    return obtained;
  }

  /** Tells those who wait, and takes the mark away if the refresh token was not spent. */
  async abort(cause: unknown): Promise<void> {
    const error = this.#context.errors.from(cause);
    const isUnspent = this.#isMarked() && !this.#isSpent && !isUnclear(error);
    if (isUnspent) this.#holdBack(this.#refreshToken);
    const isOwn = this.#renewal.flight.signal.aborted || isControlFlow(cause) || !isShared(error);
    await this.#release(isOwn ? null : { id: crypto.randomUUID(), failure: error }, isUnspent);
  }

  async #save(value: string): Promise<void> {
    const { isSingleUse, errors } = this.#context;
    const { subject } = this.#renewal;
    this.#isSpent = true;
    if (subject.isForgotten()) return;
    const next = { refreshToken: value, sent: null };
    const write: Change<StoredSubject> = (there, ours) => (isOvertaken(there, ours) ? undefined : { ...there, ...next });
    try {
      const isSaved = await this.#claim.write(write, { insist: isSingleUse });
      if (!isSaved && isSingleUse && !subject.isForgotten()) throw overtaken(errors);
      if (!isSaved) return;
      this.#refreshToken = value;
      this.#isSaved = true;
      this.#saved(value);
    } catch (error) {
      if (!isUnwritten(error)) throw error;
      this.#holdBack(value);
      if (isSingleUse) throw error;
    }
  }

  /** Gives the lease back. */
  async #release(note: Note | null, isUnspent: boolean): Promise<void> {
    const unmark: Change<StoredSubject> = (there) => (there.sent === this.#mark ? { ...there, sent: null } : undefined);
    try {
      const isUnmarked = await this.#claim.write(isUnspent ? unmark : undefined, { last: true, note, insist: isUnspent });
      if (isUnmarked) this.#saved(this.#refreshToken);
    } catch (error) {
      // What the renewal ended with matters more. A lease that could not be given back is over by itself.
      if (isUnspent && isDown(error)) servedWithoutStore(this.#context, this.#renewal.id, error);
    }
  }

  /** Whether the store shows that the refresh token was sent. */
  #isMarked(): boolean {
    return this.#isSaved && this.#claim.ours.sent !== null;
  }

  /** The store has the refresh token. One that was adopted meanwhile, and that the store did not take, is newer. */
  #saved(value: string | null): void {
    const { subject } = this.#renewal;
    if (!subject.activity?.refreshToken?.adoption) subject.rememberSaved(value);
  }

  /** Keeps a refresh token in this process, in case the store does not get it. */
  #holdBack(value: string | null): void {
    this.#refreshToken = value;
    this.#isSaved = false;
    const replaces = [this.#claim.ours.refreshToken];
    this.#renewal.subject.activityOrNew().refreshToken = { value, isSaved: false, newerThan: [this.#mark], replaces, adoption: null };
  }
}

/** Whether the store did not take what was to be written: it cannot be reached, or has shown that it is not a store. */
const isUnwritten = (error: unknown): error is AuthError => isDown(error) || AuthError.is(error, 'misconfigured');

/**
 * Whether somebody else has changed the record. A caller may have been refused with the old token meanwhile, and removed it: that overtakes
 * nobody.
 */
const isOvertaken = (there: StoredSubject, ours: StoredSubject): boolean =>
  there.refreshToken !== ours.refreshToken || there.sent !== ours.sent || (there.token !== null && there.token.value !== ours.token?.value);

const unclear = ({ make }: EngineErrors): AuthError =>
  make(
    'outcome_unknown',
    'The refresh token was sent and the answer was lost, so it may be spent and is not sent again. Reconnect the user, then adopt() the new tokens.',
  );

const overtaken = ({ make }: EngineErrors): AuthError =>
  make('unavailable', 'Another process took over while this one was suspended. Call again to get its result.');
