import type { Clock } from '../clock.ts';
import { AuthError, type AuthErrorCode } from '../errors.ts';
import { deadline, STALL, sleep } from '../wait.ts';
import {
  type AccountRecord,
  accepting,
  type Beginning,
  BUDGET,
  beginningOf,
  isChangedByAccepting,
  judge,
  pausedOf,
  postponing,
  type RecordChange,
  refusedOf,
  refusingOf,
  type Stamp,
  spentOf,
  undone,
  type Verdict,
} from './account-record.ts';
import type { Attempt, Fingerprint, OpenAccount } from './attempt.ts';
import { MOST_RETRY_AFTER } from './back-off.ts';
import type { EngineContext } from './context.ts';
import { type EngineErrors, isDefiniteRefusal } from './engine-errors.ts';
import { DEADLINE, sourceTimeout } from './from-source.ts';
import { Gate } from './gate.ts';
import { openOwnAccount } from './own-account.ts';

/** Failures that every subject of the account would meet. */
const EVERYBODYS: ReadonlySet<AuthErrorCode> = new Set(['timeout', 'unavailable', 'rate_limited', 'invalid_response', 'region_blocked']);

/** An attempt that was written down before it began. */
interface Written extends Beginning {
  readonly id: string;
}

/** How many stamps of the record a guard knows since when. There are never more in one record. */
const MOST_STAMPS = 32;

/**
 * Keeps an account from being locked by its vendor. A secret that the vendor refused is never sent again, by any process; one that was
 * accepted before, and is refused without the vendor's own word, rests and is tried again; of secrets that were never accepted, no more
 * than three are sent. A guard belongs to the account, not to one token.
 */
export class CredentialGuard {
  readonly #context: EngineContext;
  readonly #shared: OpenAccount;
  readonly #fingerprint: Fingerprint | undefined;
  /** Shut while this process uses credentials that are not accepted yet. */
  #gate: Gate | undefined;
  /** Since when this process has known the stamps of the record, in monotonic milliseconds. */
  readonly #known: Map<number, number> = new Map();

  /** The account is where the record is kept. Without a `fingerprint` all credentials count as the same, and nobody waits. */
  constructor(context: EngineContext, shared: OpenAccount = openOwnAccount(), fingerprint?: Fingerprint) {
    this.#context = context;
    this.#shared = shared;
    this.#fingerprint = fingerprint;
  }

  /**
   * Runs the attempt, unless its credentials are known to be refused. Until they have been accepted once, attempts go one at a time, in
   * all processes together, so that a hundred thousand users under one wrong secret cost one. After a definite refusal the credentials
   * are read again; if they have changed, there is one more attempt.
   */
  async attempt<T>(attempt: Attempt<T>): Promise<T> {
    for (let fingerprint = await this.#fingerprintOf(attempt); ; ) {
      try {
        return await this.#attemptWith(attempt, fingerprint);
      } catch (error) {
        // The credentials may have been fixed since they were read: then try once more, with the new ones.
        const next = isDefiniteRefusal(error) ? await this.#fingerprintOf(attempt) : fingerprint;
        if (next === fingerprint) throw error;
        fingerprint = next;
      }
    }
  }

  /** Writes down what the failure of an attempt shows that was made without asking. `acceptedAt`: see `AccountRecord.accepted`. */
  async learn(id: string, error: unknown, acceptedAt: number | undefined): Promise<void> {
    const { account } = await this.#shared();
    const before = acceptedAt === undefined ? await account.read() : await account.change(accepting('', acceptedAt));
    await this.#learn(id, '', error, before);
  }

  /** Forgets all refusals, pauses and attempts. */
  async reset(): Promise<void> {
    await (await this.#shared()).account.reset();
  }

  /** How many more refusals it takes until no more secrets are sent; `null` if nothing tells secrets apart. */
  async left(): Promise<number | null> {
    if (!this.#fingerprint) return null;
    return Math.max(0, BUDGET - spentOf(await (await this.#shared()).account.read()));
  }

  /** The fingerprint may come from a secret manager, which may hang. */
  #fingerprintOf({ signal, moves, fingerprint = this.#fingerprint }: Attempt<unknown>): Promise<string> {
    const { timing, errors } = this.#context;
    moves?.();
    return deadline(timing.clock, DEADLINE, async () => fingerprint?.() ?? '', { signal, timeoutError: () => sourceTimeout(errors) });
  }

  async #attemptWith<T>(attempt: Attempt<T>, fingerprint: string): Promise<T> {
    const { account } = await this.#shared();
    const { clock } = this.#context.timing;
    const { errors } = this.#context;
    const isQueued = account.isStrict || (attempt.fingerprint ?? this.#fingerprint) !== undefined;
    const end = clock.monotonic() + DEADLINE;
    for (let record = await account.read(); ; record = account.known()) {
      attempt.moves?.();
      const isProbe = pausedOf(record, fingerprint) !== undefined;
      if (this.#isAccepted(record, fingerprint) || !(isQueued || isProbe)) return this.#run(attempt, fingerprint, record);
      const gate = this.#gate;
      // The process may have stood still, and what is behind the gate go on.
      if (gate?.isDead()) await sleep(clock, STALL, { signal: attempt.signal });
      if (this.#gate !== gate) continue;
      if (!gate || gate.isDead()) return this.#tryFirst(attempt, fingerprint, record);
      const left = Math.max(1, end - clock.monotonic());
      const failure = await gate.wait(left, attempt.signal, () => queueTimeout(errors));
      if (failure) throw new AuthError(failure.message, { ...failure });
    }
  }

  /** Uses credentials that are not accepted: one process at a time, and one attempt in it. The others wait for the outcome. */
  async #tryFirst<T>(attempt: Attempt<T>, fingerprint: string, before: AccountRecord): Promise<T> {
    const { clock } = this.#context.timing;
    const gate = new Gate(clock);
    // Before any `await`, so that no other attempt slips through.
    this.#gate = gate;
    const open = (failure?: AuthError): void => {
      if (this.#gate === gate) this.#gate = undefined;
      gate.move(failure);
    };
    // A source that ignores its signal must not hold up the next one.
    const giveUp = (): void => open();
    attempt.signal.addEventListener('abort', giveUp, { once: true });
    try {
      let latest = before;
      const isAccepted = (record: AccountRecord): boolean => {
        latest = record;
        gate.touch();
        attempt.moves?.();
        return this.#isAccepted(record, fingerprint);
      };
      const id = crypto.randomUUID();
      const beginning = beginningOf(fingerprint, id, clock.now());
      const { account } = await this.#shared();
      const begun = await account.begin({ signal: attempt.signal, isAccepted, beginning });
      // Nobody waits for a probe: those who do look again.
      if (latest.paused.length > 0) gate.move();
      return await this.#run(attempt, fingerprint, latest, begun && { ...begun, id });
    } catch (error) {
      open(isEverybodys(error) && !attempt.signal.aborted ? error : undefined);
      throw error;
    } finally {
      attempt.signal.removeEventListener('abort', giveUp);
      open();
    }
  }

  /** Runs the attempt and writes down what it shows about the credentials. `before` is the record in which it had not begun. */
  async #run<T>(attempt: Attempt<T>, fingerprint: string, before: AccountRecord, begun?: Written): Promise<T> {
    const { account } = await this.#shared();
    const { clock } = this.#context.timing;
    const failedLate = (cause: unknown): void => {
      if (isDefiniteRefusal(cause)) this.#refused(attempt.id, fingerprint, cause, before).catch(() => {});
    };
    let result: T;
    try {
      result = await unlessAborted(clock, attempt, failedLate);
    } catch (error) {
      await this.#learn(attempt.id, fingerprint, error, before, begun);
      throw error;
    }
    // The result is not lost only because the store could not record that the credentials are good.
    if (begun || isChangedByAccepting(before, fingerprint))
      await account.change(accepting(fingerprint, clock.now(), before), begun?.claim).catch(() => {});
    return result;
  }

  async #learn(id: string, fingerprint: string, error: unknown, before: AccountRecord, begun?: Written): Promise<void> {
    if (isDefiniteRefusal(error)) await this.#refused(id, fingerprint, error, before, begun);
    else await this.#undecided(fingerprint, error, before, begun).catch(() => {});
  }

  /** Writes a definite refusal down, and reports it, before anybody gets it. */
  async #refused(id: string, fingerprint: string, error: AuthError, before: AccountRecord, begun?: Written): Promise<void> {
    const { timing, report } = this.#context;
    const { code, message, status, vendorCode } = error;
    const refused = { now: timing.clock.now(), id: begun?.id, before };
    const refusing = refusingOf({ fingerprint, code, message, status, vendorCode }, refused);
    let isSpent = false;
    const change: RecordChange = (record) => {
      const next = refusing(record);
      // A probe counts from when it began.
      isSpent = refusedOf(begun ? before : record) < BUDGET && refusedOf(next) >= BUDGET;
      return next;
    };
    await (await this.#shared()).account.change(change, begun?.claim);
    report(id, { type: 'refused', code });
    if (isSpent) report(id, { type: 'guard_tripped', code });
  }

  /** The outcome says nothing about the credentials; but the vendor may have asked everybody to wait. */
  async #undecided(fingerprint: string, error: unknown, before: AccountRecord, begun?: Written): Promise<void> {
    const now = this.#context.timing.clock.now();
    const span = AuthError.is(error, 'rate_limited') ? Math.min(error.retryAfter ?? 0, MOST_RETRY_AFTER) : 0;
    if (!begun && !(span > 0)) return;
    const change: RecordChange = (record) => {
      const ended = begun ? undone(fingerprint, begun.id, before, now)(record) : record;
      return span > 0 ? postponing(span, now, (stamp) => this.#left(stamp))(ended) : ended;
    };
    await (await this.#shared()).account.change(change, begun?.claim, isEverybodys(error) ? error : undefined);
  }

  /** Whether these credentials have been accepted. Throws if they must not be sent now. */
  #isAccepted(record: AccountRecord, fingerprint: string): boolean {
    const verdict = judge(record, fingerprint, (stamp) => this.#left(stamp));
    if (verdict.use === 'not') throw notSent(verdict, this.#context.errors);
    return verdict.use === 'at once';
  }

  /** Milliseconds until the stamp is due: by the wall clock, or by our own since we have known it. A wrong clock must not stop us for hours. */
  #left({ at, span }: Stamp): number {
    const { clock } = this.#context.timing;
    const now = clock.monotonic();
    const since = this.#known.get(at) ?? now;
    if (!this.#known.has(at)) {
      for (const [oldest] of this.#known) if (this.#known.size >= MOST_STAMPS) this.#known.delete(oldest);
      this.#known.set(at, now);
    }
    return Math.max(0, Math.min(at - clock.now(), since + span - now));
  }
}

/**
 * Runs the attempt until it is given up. One that stops at once says itself how it ended; one that ignores its signal holds neither the gate
 * nor a lease.
 */
const unlessAborted = <T>(clock: Clock, { signal, run }: Attempt<T>, failedLate: (cause: unknown) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    let cancel = (): void => {};
    const stop = (): void => {
      cancel = clock.after(STALL, () => {
        reject(signal.reason);
        work.catch(failedLate);
      });
    };
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop, { once: true });
    const work = run(failedLate);
    work.then(resolve, reject);
    work.then(end, end);
  });

const isEverybodys = (error: unknown): error is AuthError => AuthError.is(error) && EVERYBODYS.has(error.code);

const queueTimeout = ({ make }: EngineErrors): AuthError =>
  make('timeout', `Nobody found out within ${DEADLINE / 1000} s whether these credentials are accepted. Try again.`);

const notSent = ({ because, retryAfter }: Extract<Verdict, { use: 'not' }>, { provider, operation }: EngineErrors): AuthError => {
  const facts = { provider, operation, retryAfter };
  const later = retryAfter === undefined ? '' : ` in ${Math.ceil(retryAfter / 1_000)} s`;
  if (because === 'not before')
    return new AuthError(`${provider} asked to wait, so nothing was sent. Try again${later}.`, { ...facts, code: 'rate_limited' });
  if (because === 'exhausted')
    return new AuthError(
      `${provider} was asked with ${BUDGET} secrets that it did not accept. No more will be sent${later ? ` before one more${later}` : ''}, to avoid locking the account. Fix the secret, then call reset().`,
      { ...facts, code: 'attempts_exhausted' },
    );
  const { message, code, status, vendorCode } = because;
  const what =
    retryAfter === undefined
      ? 'These credentials are not sent again until you change them or call reset().'
      : `These credentials had been accepted, so they are tried again${later}.`;
  return new AuthError(`${message} ${what}`, { ...facts, code, status, vendorCode });
};
