import type { AuthError } from '../../errors.ts';
import type { EngineContext } from '../context.ts';
import type { EngineErrors } from '../errors.ts';
import type { Layer, Obtained, Renewal } from '../renewal.ts';
import type { KnownRefreshToken, Subject } from '../subject.ts';
import type { Change, Claim, Place } from './claim.ts';
import type { Note } from './entries.ts';
import { isShared, isUnclear } from './failure-notes.ts';
import { isDown } from './retry-while-down.ts';
import type { StoredSubject } from './stored-subject.ts';
import { takeOver } from './take-over.ts';

/*
 * What a renewal writes, each time over the version that it knows. `r1` is the refresh token; only a single-use one is marked as sent.
 *
 *   t1 r1 ──take──▶ t1 r1 lease sent ──saveRefreshToken──▶ t1 r2 lease ──answer──▶ t2 r2
 *                          │
 *                          ├─ answer without a new refresh token ────────────────▶ t2 r1
 *                          ├─ failure, and r1 was not spent ─────────────────────▶ t1 r1
 *                          ├─ failure, and nobody knows ──▶ t1 r1 sent             outcome_unknown until adopt()
 *                          └─ death ──────────────────────▶ t1 r1 lease sent       the same, once the lease is over
 *
 * What the store could not take is in this process: `KnownRefreshToken` has the value, and the marks in the store over which it counts.
 * Whoever takes the lease next in this process writes it.
 */

/**
 * What is written with the lease: what this process knows and the store does not, and that a single-use refresh token is being sent. A
 * mark of which this process knows nothing stays.
 */
export const takenOver = (there: StoredSubject, subject: Subject, owner: string | null): StoredSubject => {
  const known = knownOver(subject, there.sent);
  if (there.sent !== null && !known) return there;
  return { ...there, refreshToken: known ? known.value : there.refreshToken, sent: owner && (there.sent ?? owner) };
};

/** Remembers that a refresh token was not sent, for when the store may say that it was: the answer to taking the lease was lost. */
export const holdUnsent = (subject: Subject, { refreshToken: value, sent }: StoredSubject): void => {
  const known = subject.activity?.refreshToken;
  const before = known?.isSaved === false && known.value === value ? known.over : [];
  subject.active().refreshToken = { value, isSaved: false, over: [...before, sent] };
};

/** The refresh token that is newer than the one in the store, beside this mark. */
const knownOver = ({ activity }: Subject, sent: string | null): KnownRefreshToken | undefined => {
  const known = activity?.refreshToken;
  return known?.isSaved === false && known.over.includes(sent) ? known : undefined;
};

/** What a journal needs beside the renewal. */
export interface JournalOptions {
  readonly context: EngineContext;
  readonly place: Place<StoredSubject>;
  readonly claim: Claim<StoredSubject>;
  readonly isSingleUse: boolean;
}

/** Writes down what the source saves and answers, before any caller gets it, and gives the lease back with the last write. */
export const journalled =
  (options: JournalOptions): Layer =>
  (next) =>
  async (renewal) => {
    const journal = new StoredJournal(options, renewal);
    let obtained: Obtained;
    try {
      obtained = await next({ ...renewal, refresh: journal.open() });
    } catch (cause) {
      await journal.abort(cause);
      throw cause;
    }
    return journal.commit(obtained);
  };

/** The journal of a process that holds the lease. A record that somebody else has changed meanwhile is newer, and stays. */
class StoredJournal {
  readonly #options: JournalOptions;
  readonly #renewal: Renewal;
  /** The mark beside which the refresh token was found, or which we have made. */
  readonly #mark: string | null;
  /** The refresh token for the next call of the source. */
  #refreshToken: string | null;
  /** Whether the store has it. */
  #isSaved = true;

  constructor(options: JournalOptions, renewal: Renewal) {
    this.#options = options;
    this.#renewal = renewal;
    this.#mark = options.claim.ours.sent;
    this.#refreshToken = options.claim.ours.refreshToken;
  }

  /** What the source is called with. Throws if the refresh token may be spent. */
  open(): Renewal['refresh'] {
    const { subject } = this.#renewal;
    const { claim, context } = this.#options;
    const isOurs = this.#mark === null || this.#mark === claim.owner || knownOver(subject, this.#mark) !== undefined;
    if (!isOurs) throw unclear(context.errors);
    if (subject.activity?.refreshToken?.value === this.#refreshToken) subject.remember(this.#refreshToken, true);
    return { refreshToken: this.#refreshToken, saveRefreshToken: (value) => this.#save(value) };
  }

  async #save(value: string): Promise<void> {
    const { subject } = this.#renewal;
    const { claim, context, isSingleUse } = this.#options;
    if (subject.isForgotten()) return;
    try {
      const save = unlessOvertaken((there) => ({ ...there, refreshToken: value, sent: null }));
      const isSaved = await claim.write(save, { insist: isSingleUse });
      if (isSaved) this.#saved(value);
      else if (isSingleUse && !subject.isForgotten()) throw overtaken(context.errors);
    } catch (error) {
      if (!isDown(error)) throw error;
      this.#holdBack(value);
      if (isSingleUse) throw error;
    }
  }

  /** Writes the token. Resolves to the one that all share, if another process has stored one meanwhile. */
  async commit(obtained: Obtained): Promise<Obtained> {
    const { id, subject } = this.#renewal;
    const { claim, context, place } = this.#options;
    const { token, issued } = obtained;
    if (!issued || subject.isForgotten()) {
      await this.#release();
      return obtained;
    }
    const isMarked = this.#isMarked();
    if (isMarked) this.#holdBack(this.#refreshToken);
    const refreshToken = this.#refreshToken;
    try {
      const write = unlessOvertaken((there) => ({ ...there, ...(this.#isSaved ? {} : { refreshToken }), token, sent: null }));
      if (await claim.write(write, { last: true, insist: isMarked })) {
        this.#saved(refreshToken);
        // From now on the discarded values cannot come back from the store.
        if (subject.activity) subject.activity.discarded = [];
        return obtained;
      }
      const { record } = await place.entries.read(place.key);
      return (await takeOver(context, id, subject, record.token)) ?? obtained;
    } catch (error) {
      if (!isDown(error)) throw error;
      await this.#withoutStore(error);
      return obtained;
    }
  }

  /** Gives the lease back, tells those who wait, and takes the mark away if the refresh token was not spent. */
  async abort(cause: unknown): Promise<void> {
    const { course } = this.#renewal;
    const error = this.#options.context.errors.from(cause);
    const isUnspent = this.#isMarked() && !isUnclear(error);
    if (isUnspent) this.#holdBack(this.#refreshToken);
    const note = course.signal.aborted || !isShared(error) ? null : { id: crypto.randomUUID(), failure: error };
    await this.#release(note, isUnspent);
  }

  /** Gives the lease back without a change, or without the mark. */
  async #release(note: Note | null = null, isUnspent = false): Promise<void> {
    const unmarked = (there: StoredSubject): StoredSubject => (isUnspent && there.sent === this.#mark ? { ...there, sent: null } : there);
    try {
      const isWritten = await this.#options.claim.write(unmarked, { last: true, note, insist: isUnspent });
      if (isUnspent && isWritten) this.#saved(this.#refreshToken);
    } catch (error) {
      // What the renewal ended with matters more. A lease that could not be given back is over by itself.
      if (isUnspent && isDown(error)) await this.#withoutStore(error);
    }
  }

  /** Whether the store shows our mark that the refresh token was sent. */
  #isMarked(): boolean {
    return this.#isSaved && this.#options.claim.ours.sent !== null;
  }

  #saved(value: string | null): void {
    this.#refreshToken = value;
    this.#isSaved = true;
    this.#renewal.subject.remember(value, true);
  }

  /** Keeps in this process what the store does not have. Done before a write that may fail, because nobody may get here after it. */
  #holdBack(value: string | null): void {
    this.#refreshToken = value;
    this.#isSaved = false;
    this.#renewal.subject.active().refreshToken = { value, isSaved: false, over: [this.#mark] };
  }

  #withoutStore({ code, vendorCode }: AuthError): Promise<void> {
    return this.#options.context.report(this.#renewal.id, { type: 'served_without_store', code, vendorCode });
  }
}

/**
 * Leaves a record that somebody else has changed. A caller may have been refused with the old token meanwhile, and removed it: that
 * overtakes nobody.
 */
const unlessOvertaken =
  (change: (there: StoredSubject) => StoredSubject): Change<StoredSubject> =>
  (there, ours) => {
    const isSame = there.refreshToken === ours.refreshToken && there.sent === ours.sent;
    const isToken = there.token === null || there.token.value === ours.token?.value;
    return isSame && isToken ? change(there) : undefined;
  };

const unclear = ({ make }: EngineErrors): AuthError =>
  make(
    'outcome_unknown',
    'The refresh token was sent and the answer was lost, so it may be spent and is not sent again. Reconnect the user, then adopt() the new tokens.',
  );

const overtaken = ({ make }: EngineErrors): AuthError =>
  make('unavailable', 'Another process took over while this one was suspended. Call again to get its result.');
