import type { Clock } from '../../clock.ts';
import type { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import { sleep } from '../../wait.ts';
import type { MakeError } from '../as-auth-error.ts';
import { type AccountRecord, type AccountRecords, NOTHING_KNOWN, type Refusal, withoutRefusals, withRefusal } from '../credential-guard.ts';
import { withLease } from './lease.ts';
import { isDown } from './retry-while-down.ts';

/** Where an account's record is, and how long to wait for it. */
export interface SharedRecordsOptions {
  readonly store: Store;
  readonly key: () => Promise<string>;
  readonly clock: Clock;
  /** Milliseconds until the next look at another process's attempt. */
  readonly pollDelay: () => number;
  /** How long to wait for another process's attempt, in milliseconds, and the error that ends the wait. */
  readonly patience: number;
  readonly timeoutError: () => AuthError;
  readonly whenStoreIsDown: 'serve' | 'refuse';
  readonly fail: MakeError;
}

/** Every lost race was won by another process, so losing does not go on for long. The first tries are repeated without a pause. */
const [MOST_RACES, RACES_AT_ONCE] = [50, 10];

/** The record of an account's credentials, in a store. */
export const sharedRecords = ({
  store,
  key,
  clock,
  pollDelay,
  patience,
  timeoutError,
  whenStoreIsDown,
  fail,
}: SharedRecordsOptions): AccountRecords => {
  /** Refusals that are not in the store yet, because it was down. */
  let notYetStored: readonly Refusal[] = [];

  const update = async (fallback: AccountRecord, next: (record: AccountRecord) => AccountRecord): Promise<void> => {
    const at = await key();
    for (let left = MOST_RACES; left > 0; left -= 1) {
      const entry = await store.read(at);
      const value = encode(next(entry === undefined ? fallback : decode(entry.value)));
      if (value === entry?.value || (await store.write(at, value, { ifVersion: entry?.version ?? null })) !== undefined) return;
      if (left < MOST_RACES - RACES_AT_ONCE) await sleep(clock, pollDelay(), { ref: true });
    }
    throw fail(
      'store_unavailable',
      `The token store rejected ${MOST_RACES} writes over the version that it had just returned. Check its \`ifVersion\`.`,
    );
  };

  const read = async (known: AccountRecord): Promise<AccountRecord> => {
    const refusals = notYetStored;
    if (refusals.length > 0) await update(known, (record) => refusals.reduce(withRefusal, record));
    notYetStored = notYetStored.filter((refusal) => !refusals.includes(refusal));
    const entry = await store.read(await key());
    // If the store lost the record, ours is the better one.
    return entry === undefined ? known : decode(entry.value);
  };

  const unproven = (): AuthError =>
    fail(
      'store_unavailable',
      'The store that remembers refused secrets is down, so this secret, not yet accepted, was not sent. Check the store.',
    );

  return {
    refresh: (known) => read(known).catch((error: unknown) => (isDown(error) ? known : raise(error))),
    changed: async (before, next) => {
      try {
        await update(before, next);
      } catch (error) {
        if (!isDown(error)) throw error;
        // Only what is new: a reset may have removed the rest meanwhile.
        notYetStored = [...notYetStored, ...next(before).refusals.filter((refusal) => !before.refusals.includes(refusal))];
      }
    },
    cleared: async (before) => {
      notYetStored = [];
      await update(before, withoutRefusals);
    },
    firstUse: async ({ signal, known, isAccepted, trial }) => {
      let isTried = false;
      try {
        const outcome = await withLease<{ readonly result: Awaited<ReturnType<typeof trial>> } | 'accepted'>({
          store,
          key: `${await key()}:lease`,
          clock,
          signal,
          alreadyDone: async () => (isAccepted(await read(known)) ? 'accepted' : undefined),
          work: async () => {
            isTried = true;
            return { result: await trial() };
          },
          pollDelay,
          patience,
          timeoutError,
          // The outcome is in the record.
          encodeFailure: () => undefined,
          decodeFailure: () => undefined,
          onChange: () => {},
        });
        return outcome === 'accepted' ? await trial() : outcome.result;
      } catch (error) {
        if (isTried || !isDown(error)) throw error;
        if (whenStoreIsDown === 'refuse') throw unproven();
        return trial();
      }
    },
  };
};

const raise = (error: unknown): never => {
  throw error;
};

const encode = ({ accepted, refusals }: AccountRecord): string =>
  JSON.stringify([
    1,
    accepted,
    refusals.map(({ fingerprint, code, message, status, vendorCode }) => [fingerprint, code, message, status ?? null, vendorCode ?? null]),
  ]);

/** What this version did not write counts as nothing. */
const decode = (value: string): AccountRecord => {
  try {
    const parsed: unknown = JSON.parse(value);
    if (!Array.isArray(parsed) || parsed[0] !== 1) return NOTHING_KNOWN;
    const [, accepted, refusals]: readonly unknown[] = parsed;
    return {
      accepted: typeof accepted === 'string' ? accepted : null,
      refusals: Array.isArray(refusals) ? refusals.flatMap(decodeRefusal) : [],
    };
  } catch {
    return NOTHING_KNOWN;
  }
};

const decodeRefusal = (parts: unknown): readonly Refusal[] => {
  if (!Array.isArray(parts)) return [];
  const [fingerprint, code, message, status, vendorCode]: readonly unknown[] = parts;
  if (typeof fingerprint !== 'string' || typeof message !== 'string') return [];
  return [
    {
      fingerprint,
      code: code === 'locked' ? code : 'invalid_credentials',
      message,
      status: typeof status === 'number' ? status : undefined,
      vendorCode: typeof vendorCode === 'string' ? vendorCode : undefined,
    },
  ];
};
