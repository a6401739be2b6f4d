import { describe, expect, it } from 'vitest';
import { engineContext } from '../../../test/engine-context.ts';
import { memoryStore, type Store } from '../../index.ts';
import { fakeClock } from '../../testing/index.ts';
import { Claim, type Place } from './claim.ts';
import { Entries } from './entries.ts';
import { type StoredSubject, subjectFormat } from './stored-subject.ts';

const SECOND = 1_000;

/** A lease on a store in which the next write can get lost: its answer never comes, as in a worker whose request has ended. */
const setUp = async () => {
  const clock = fakeClock();
  const storage = memoryStore({ clock });
  let isLost = false;
  const store: Store = {
    read: storage.read,
    write: (key, value, how) => {
      if (!isLost) return storage.write(key, value, how);
      isLost = false;
      return new Promise(() => {});
    },
  };
  const context = engineContext(clock);
  const entries = new Entries<StoredSubject>(store, subjectFormat, context);
  const place: Place<StoredSubject> = { entries, key: 'key', clock, owners: { engine: 'e', alive: new Set() } };
  const claim = await Claim.take(place, await entries.read('key'), { taken: (there) => there });
  if (!(claim instanceof Claim)) throw new Error('Nobody else wants it.');
  // Without something to keep, the entry would end with the lease.
  await claim.write((there) => ({ ...there, refreshToken: 'r0' }));
  const lose = (): void => {
    isLost = true;
  };
  return { clock, entries, claim, lose };
};

describe('a write of the holder of a lease', () => {
  it('waits for the one before it', async () => {
    const { entries, claim } = await setUp();
    const written = ['r1', 'r2', 'r3'].map((refreshToken) => claim.write((there) => ({ ...there, refreshToken })));
    expect(await Promise.all(written)).toEqual([true, true, true]);
    expect((await entries.read('key')).record.refreshToken).toBe('r3');
    await claim.write(undefined, { last: true });
  });

  it('waits ten seconds for one that is lost, and no longer', async () => {
    const { clock, entries, claim, lose } = await setUp();
    lose();
    void claim.write((there) => ({ ...there, refreshToken: 'lost' }));
    let outcome: boolean | undefined;
    void claim
      .write((there) => ({ ...there, refreshToken: 'kept' }), { last: true })
      .then((isWritten) => {
        outcome = isWritten;
      });
    await clock.settle(10 * SECOND - 1);
    expect(outcome).toBeUndefined();
    await clock.settle(1);
    expect(outcome).toBe(true);
    expect(await entries.read('key')).toMatchObject({ record: { refreshToken: 'kept' }, lease: null });
  });

  it('does not wait for one that was lost long ago', async () => {
    const { clock, claim, lose } = await setUp();
    lose();
    void claim.write((there) => there);
    await clock.settle(10 * SECOND);
    const second = claim.write((there) => ({ ...there, refreshToken: 'r1' }));
    await clock.settle(0);
    expect(await second).toBe(true);
    expect(await claim.write(undefined, { last: true })).toBe(false);
  });
});
