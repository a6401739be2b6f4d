import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { failure } from '../../../test/engine-context.ts';
import { pending } from '../../../test/pending.ts';
import { HOUR, KEY, outcomeOf, type Process, type SharedEntryOptions, same, sharedEntry } from '../../../test/shared-entry.ts';
import type { AuthError } from '../../index.ts';
import type { Note } from './entries.ts';
import { type Turn, takeTurn, type Waiting } from './turn.ts';

const errorOf = (message: string): AuthError => failure('unavailable', {}, message);

interface Plan extends Partial<Turn<string, string>>, Partial<Waiting> {
  readonly process?: Process;
  readonly work?: () => Promise<string>;
  readonly noteOf?: (failure: AuthError) => Note | null;
}

const noted = (failure: AuthError): Note => ({ id: crypto.randomUUID(), failure });

/** Processes that take turns at one entry. A failure of their work is left in a note. */
const setUp = (options: SharedEntryOptions = {}) => {
  const world = sharedEntry(options);

  /** One process's turn; unless told otherwise it takes no time. */
  const start = ({
    process = world.join(),
    work = async () => 'done',
    noteOf = noted,
    signal,
    delay,
    patience = 45_000,
    ...turn
  }: Plan = {}) => {
    const changes: string[] = [];
    const run = async (): Promise<string> => {
      const outcome = await takeTurn<string, string>(
        world.context,
        process.place,
        { settled: async () => undefined, taken: same, insist: false, onChange: (change) => changes.push(change), ...turn },
        { signal: signal ?? new AbortController().signal, delay: delay ?? (() => 100), patience },
      );
      if ('result' in outcome) return outcome.result;
      try {
        const done = await work();
        await outcome.write(same, { last: true }).catch(() => {});
        return done;
      } catch (error) {
        const note = noteOf(error as AuthError); // the tests let work fail with nothing else
        await outcome.write(same, { last: true, note }).catch(() => {});
        throw error;
      }
    };
    const result = run();
    return { changes, result, outcome: outcomeOf(result) };
  };

  const holding = (plan: Plan = {}) => {
    const work = pending();
    return { ...start({ work: () => work.result, ...plan }), succeed: work.succeed, fail: work.fail };
  };

  return {
    ...world,
    start,
    /** A turn whose work lasts until the test ends it. */
    holding,
  };
};

describe('a turn', () => {
  it('takes the free lease for three seconds, and gives it back before it answers', async () => {
    const { start, written, stored, armed } = setUp();
    const { result, changes } = start({
      work: async () => {
        expect(await stored()).toMatch(/^\[2,\["nothing"\],"[\da-f-]{36}\.[\da-f-]{36}"\]$/);
        expect(changes).toEqual(['held']);
        return 'done';
      },
    });
    expect(await result).toBe('done');
    expect(changes).toEqual(['held']);
    expect(written).toEqual([
      { value: expect.any(String), ifVersion: null, ttl: 3_000 },
      { value: undefined, ifVersion: expect.any(String), ttl: undefined },
    ]);
    expect(await stored()).toBeUndefined();
    expect(armed()).toEqual([]);
  });

  it('reads once, and changes the record with the write that takes the lease', async () => {
    const { start, written, memory, join } = setUp();
    const version = await memory.write(KEY, '[2,["there"],null]');
    let reads = 0;
    const process = join();
    const read = process.place.entries.read.bind(process.place.entries);
    process.place.entries.read = (key) => {
      reads += 1;
      return read(key);
    };
    await start({ process, taken: (there, _, owner) => `${there} sent by ${owner}` }).result;
    expect(reads).toBe(1);
    expect(written[0]).toMatchObject({ value: expect.stringMatching(/^\[2,\["there sent by (.+)"\],"\1"\]$/), ifVersion: version });
  });

  it('answers what another process has brought about, without touching the lease', async () => {
    const { start, written, memory } = setUp();
    await memory.write(KEY, '[2,["theirs"],null]');
    const { result, changes } = start({ settled: async (record) => record, work: () => expect.fail('worked') });
    expect(await result).toBe('theirs');
    expect([written, changes]).toEqual([[], []]);
  });

  it('passes on that the store cannot be reached, before anything was done', async () => {
    const { start, join } = setUp();
    const [unreadable, unwritable] = [join(), join()];
    unreadable.unplug();
    unwritable.writesDo(() => Promise.reject(failure('store_unavailable', {}, 'no store')));
    for (const process of [unreadable, unwritable]) {
      const { result, changes } = start({ process, work: () => expect.fail('worked') });
      await expect(result).rejects.toThrow('no store');
      expect(changes).toEqual([]);
    }
  });

  it('passes on an error of the look at the result, before anything was done', async () => {
    const { start, written } = setUp();
    const { result } = start({ settled: () => Promise.reject(errorOf('unreadable')), work: () => expect.fail('worked') });
    await expect(result).rejects.toThrow('unreadable');
    expect(written).toEqual([]);
  });

  it('tries for five seconds to take the lease if the store goes down at that moment, if it insists', async () => {
    const { start, clock, join } = setUp();
    const process = join();
    process.writesDo(() => Promise.reject(failure('store_unavailable', {}, 'no store')));
    const insisting = start({ process, insist: true });
    await clock.settle(4_000);
    expect(insisting.outcome()).toBe('none yet');
    process.writesDo((write) => write());
    await clock.settle(1_000);
    expect(insisting.outcome()).toBe('done');
  });
});

describe('a process that waits', () => {
  it('says so once, and works as soon as the lease is free', async () => {
    const { holding, start, clock } = setUp();
    const one = holding();
    await clock.settle(0);
    const other = start();
    await clock.settle(950);
    expect([other.outcome(), other.changes]).toEqual(['none yet', ['waited']]);
    one.succeed('first');
    await clock.settle(49);
    expect([one.outcome(), other.outcome()]).toEqual(['first', 'none yet']);
    await clock.settle(1);
    expect([other.outcome(), other.changes]).toEqual(['done', ['waited', 'held']]);
  });

  it('takes over the result, which it looks for before each try, and leaves the lease alone', async () => {
    const { holding, start, clock, written } = setUp();
    const looks: number[] = [];
    const settled = async () => {
      looks.push(clock.monotonic());
      return looks.length === 4 ? 'theirs' : undefined;
    };
    holding();
    await clock.settle(0);
    const other = start({ settled, work: () => expect.fail('worked') });
    await clock.settle(300);
    expect([other.outcome(), looks, other.changes]).toEqual(['theirs', [0, 100, 200, 300], ['waited']]);
    expect(written).toHaveLength(1);
  });

  it('waits as long as `delay` says each time', async () => {
    const { holding, start, clock } = setUp();
    const looks: number[] = [];
    const pauses = [25, 100, 60];
    holding();
    await clock.settle(0);
    start({
      settled: async () => void looks.push(clock.monotonic()),
      delay: () => pauses.shift() ?? HOUR,
    });
    await clock.settle(1_000);
    expect(looks).toEqual([0, 25, 125, 185]);
  });

  it('looks again at once when a long pause becomes a short one', async () => {
    const { holding, start, clock } = setUp();
    const looks: number[] = [];
    let isHurried = false;
    holding();
    await clock.settle(0);
    start({
      settled: async () => void looks.push(clock.monotonic()),
      delay: () => (isHurried ? 100 : 5_000),
    });
    await clock.settle(1_230);
    expect(looks).toEqual([0]);
    isHurried = true;
    await clock.settle(270);
    expect(looks).toEqual([0, 1_300, 1_400, 1_500]);
  });

  it('waits on when another one was faster to take a free lease', async () => {
    const { start, join, clock, memory } = setUp();
    let isRaced = false;
    const process = join();
    process.writesDo(async (write) => {
      if (!isRaced) await memory.write(KEY, '[2,["nothing"],"faster"]', { ifVersion: null, ttl: 150 });
      isRaced = true;
      return write();
    });
    const { outcome, changes } = start({ process });
    await clock.settle(199);
    expect([outcome(), changes]).toEqual(['none yet', ['waited']]);
    await clock.settle(1);
    expect([outcome(), changes]).toEqual(['done', ['waited', 'held']]);
  });

  it('is patient for as long as it is told, and then says that it is late', async () => {
    const { holding, start, clock, armed } = setUp();
    holding();
    await clock.settle(0);
    const other = start({ work: () => expect.fail('worked'), patience: 45_000 });
    await clock.settle(44_999);
    expect(other.outcome()).toBe('none yet');
    await clock.settle(1);
    expect(other.outcome()).toBe('rejected: Another process did not get a token in time. Try again.');
    await expect(other.result).rejects.toMatchObject({ code: 'timeout', provider: 'acme', operation: 'token' });
    expect(armed()).toEqual([[46_000, false]]);
  });

  it('counts its patience by the monotonic clock', async () => {
    const { holding, start, clock } = setUp();
    holding();
    await clock.settle(0);
    const other = start();
    await clock.settle(0);
    clock.step(2 * HOUR);
    await clock.settle(44_999);
    expect(other.outcome()).toBe('none yet');
  });

  it('ends its wait at once with the reason of its signal, and leaves nothing behind', async () => {
    const { holding, start, clock, armed, written } = setUp();
    const controller = new AbortController();
    holding();
    await clock.settle(0);
    const other = start({ signal: controller.signal, work: () => expect.fail('worked') });
    await clock.settle(250);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort(errorOf('gone'));
    await clock.settle(0);
    expect(other.outcome()).toBe('rejected: gone');
    expect([armed(), written.length]).toEqual([[[1_000, false]], 1]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('does not take a free lease when its signal was aborted before', async () => {
    const { start, written } = setUp();
    const { result } = start({ signal: AbortSignal.abort(errorOf('gone')), work: () => expect.fail('worked') });
    await expect(result).rejects.toThrow('gone');
    expect(written).toEqual([]);
  });

  it('does not begin to wait when its signal was aborted before', async () => {
    const { holding, start, clock, armed } = setUp();
    holding();
    await clock.settle(0);
    const { result } = start({ signal: AbortSignal.abort(errorOf('gone')) });
    await expect(result).rejects.toThrow('gone');
    expect(armed()).toEqual([[1_000, false]]);
  });

  it('leaves no listener on its signal once it has the lease', async () => {
    const { holding, start, clock } = setUp();
    const { signal } = new AbortController();
    const one = holding();
    await clock.settle(0);
    const other = start({ signal });
    await clock.settle(500);
    one.succeed('first');
    await clock.settle(100);
    expect(other.outcome()).toBe('done');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('keeps no process alive by itself', async () => {
    const { holding, start, clock, armed } = setUp();
    holding();
    await clock.settle(0);
    start();
    await clock.settle(0);
    expect(armed()).toEqual([
      [1_000, false],
      [100, false],
    ]);
  });
});

describe('a holder that is dead', () => {
  it('is succeeded when its entry is gone', async () => {
    const { start, memory, clock } = setUp();
    await memory.write(KEY, '[2,["nothing"],"dead"]', { ttl: 1_000 });
    const other = start({ delay: () => 500 });
    await clock.settle(999);
    expect(other.outcome()).toBe('none yet');
    await clock.settle(1);
    expect(other.outcome()).toBe('done');
  });

  it.each([0, 2 * HOUR, -2 * HOUR])(
    'is succeeded when its entry has not changed for 3 s of the waiter’s monotonic clock, with a step of the wall clock by %d ms',
    async (step) => {
      const { start, memory, clock, written } = setUp({ hasTtl: false });
      const version = await memory.write(KEY, '[2,["kept"],"dead"]');
      await clock.settle(10_000);
      const began = clock.monotonic();
      const delay = (passed: number): number => (passed < 1_000 ? 1_000 : 1_999);
      const other = start({ delay: () => (clock.monotonic() - began < 2_999 ? delay(clock.monotonic() - began) : 1) });
      await clock.settle(1_000);
      clock.step(step);
      await clock.settle(1_999);
      expect([other.outcome(), other.changes]).toEqual(['none yet', ['waited']]);
      await clock.settle(1);
      expect([other.outcome(), other.changes]).toEqual(['done', ['waited', 'held']]);
      expect(written[0]).toMatchObject({ value: expect.stringMatching(/^\[2,\["kept"\],"(?!dead)/), ifVersion: version });
    },
  );

  it('is not one whose entry has changed since, though its text is the same', async () => {
    const { start, memory, clock } = setUp({ hasTtl: false });
    await memory.write(KEY, '[2,["nothing"],"alive"]');
    const other = start({ delay: () => 100 });
    await clock.settle(2_950);
    await memory.write(KEY, '[2,["nothing"],"alive"]');
    await clock.settle(50 + 2_999);
    expect(other.outcome()).toBe('none yet');
    await clock.settle(1);
    expect(other.outcome()).toBe('done');
  });

  it('is judged anew for each holder', async () => {
    const { start, memory, clock } = setUp({ hasTtl: false });
    await memory.write(KEY, '[2,["nothing"],"first"]');
    const other = start();
    await clock.settle(2_950);
    await memory.write(KEY, '[2,["nothing"],"second"]');
    await clock.settle(2_950);
    expect(other.outcome()).toBe('none yet');
  });

  it('is succeeded by one of those who wait', async () => {
    const { holding, memory, clock } = setUp({ hasTtl: false });
    await memory.write(KEY, '[2,["nothing"],"dead"]');
    const waiting = [1, 2, 3].map(() => holding({ delay: () => 600 }));
    await clock.settle(6_000);
    expect(waiting.map(({ changes }) => changes.join()).sort()).toEqual(['waited', 'waited', 'waited,held']);
  });

  it('is succeeded at once in the same process, which knows that it could not give its lease back; by others after 3 s', async () => {
    const { start, join, clock } = setUp({ hasTtl: false });
    const process = join();
    const work = async () => {
      process.unplug();
      return 'first';
    };
    expect(await start({ process, work }).result).toBe('first');
    process.plug();
    const other = start({ process: join() });
    await clock.settle(2_999);
    expect(other.outcome()).toBe('none yet');
    const again = start({ process });
    await clock.settle(0);
    expect([again.outcome(), again.changes]).toEqual(['done', ['held']]);
  });

  it('is succeeded at once in the same process when it took the lease without getting the answer', async () => {
    const { start, join, clock } = setUp({ hasTtl: false });
    const process = join();
    process.writesDo(async (write) => {
      await write();
      throw failure('store_unavailable', {}, 'no answer');
    });
    await expect(start({ process }).result).rejects.toThrow('no answer');
    process.writesDo((write) => write());
    const other = start({ process: join() });
    await clock.settle(2_999);
    expect(other.outcome()).toBe('none yet');
    expect(await start({ process }).result).toBe('done');
  });
});

describe('a holder that lives', () => {
  it('is waited for in its own process too', async () => {
    const { holding, start, join, clock } = setUp();
    const process = join();
    holding({ process });
    await clock.settle(0);
    const other = start({ process });
    await clock.settle(12_000);
    expect([other.outcome(), other.changes]).toEqual(['none yet', ['waited']]);
  });

  it('is not ended by its signal', async () => {
    const { holding, clock, stored } = setUp();
    const controller = new AbortController();
    const one = holding({ signal: controller.signal });
    await clock.settle(0);
    controller.abort(errorOf('gone'));
    await clock.settle(5_000);
    expect(one.changes).toEqual(['held']);
    expect(await stored()).toBeDefined();
    one.succeed('done');
    expect(await one.result).toBe('done');
  });
});

describe('the failure of a holder', () => {
  it('is shared by all who saw it at work, with the lease left as it is', async () => {
    const { holding, start, clock, written } = setUp();
    const one = holding();
    await clock.settle(0);
    const waiting = [start(), start()];
    await clock.settle(1_050);
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect(waiting.map(({ outcome }) => outcome())).toEqual(['rejected: down', 'rejected: down']);
    expect(waiting.map(({ changes }) => changes)).toEqual([['waited'], ['waited']]);
    expect([one.outcome(), written.length]).toEqual(['rejected: down', 3]);
  });

  it('is shared though others have changed the entry since', async () => {
    const { holding, start, join, clock } = setUp();
    const one = holding();
    await clock.settle(0);
    const other = start();
    await clock.settle(50);
    one.fail(errorOf('down'));
    await clock.settle(0);
    await join().place.entries.change(KEY, () => 'adopted');
    await clock.settle(50);
    expect(other.outcome()).toBe('rejected: down');
  });

  it('is not shared by those who came later: they work at once, over the note', async () => {
    const { start, clock, written, memory } = setUp();
    start({ work: () => Promise.reject(errorOf('down')) });
    await clock.settle(0);
    const noted = await memory.read(KEY);
    const late = start();
    await clock.settle(0);
    expect([late.outcome(), late.changes]).toEqual(['done', ['held']]);
    expect(written[2]).toMatchObject({ value: expect.not.stringContaining('down'), ifVersion: noted?.version, ttl: 3_000 });
  });

  it('is not shared by those who came later even if the entry changes before they can take the lease: a note is known by its id', async () => {
    const { start, join, clock } = setUp();
    start({ work: () => Promise.reject(errorOf('down')) });
    await clock.settle(0);
    const process = join();
    let isRaced = false;
    process.writesDo(async (write) => {
      if (!isRaced) await join().place.entries.change(KEY, () => 'adopted');
      isRaced = true;
      return write();
    });
    const late = start({ process });
    await clock.settle(0);
    // A lost race alone is nothing to wait for.
    expect([late.outcome(), late.changes]).toEqual(['done', ['held']]);
  });

  it('is shared by those who came later and waited for another holder, who failed too', async () => {
    const { start, holding, clock } = setUp();
    start({ work: () => Promise.reject(errorOf('down')) });
    await clock.settle(0);
    const second = holding();
    const late = start();
    await clock.settle(50);
    second.fail(errorOf('still down'));
    await clock.settle(50);
    expect(late.outcome()).toBe('rejected: still down');
  });

  it('is shared by those who lost the race for the lease to it, though it fails before they look again', async () => {
    const { start, clock } = setUp();
    const work = async () => 'done twice';
    start({ work: () => Promise.reject(errorOf('down')) });
    const other = start({ work });
    await clock.settle(100);
    expect(other.changes).toEqual(['waited']);
    expect(other.outcome()).toBe('rejected: down');
  });

  it('comes after a result: what is settled counts more', async () => {
    const { holding, start, clock } = setUp();
    let theirs: string | undefined;
    const one = holding();
    await clock.settle(0);
    const other = start({ settled: async () => theirs });
    await clock.settle(50);
    theirs = 'theirs';
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect(other.outcome()).toBe('theirs');
  });

  it('makes the next one work at once when nobody can read it', async () => {
    const { start, memory, clock } = setUp();
    await memory.write(KEY, '[2,["kept"],"other"]');
    const other = start();
    await clock.settle(50);
    await memory.write(KEY, '[2,["kept"],null,["id","garbage"]]');
    await clock.settle(50);
    expect([other.outcome(), other.changes]).toEqual(['done', ['waited', 'held']]);
  });

  it('is its own when there is no note of it', async () => {
    const { holding, start, clock } = setUp();
    const one = holding({ noteOf: () => null });
    await clock.settle(0);
    const other = start();
    await clock.settle(50);
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect([one.outcome(), other.outcome()]).toEqual(['rejected: down', 'done']);
  });
});
