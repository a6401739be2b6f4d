import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Clock, Store, WriteOptions } from '../../index.ts';
import { AuthError, memoryStore } from '../../index.ts';
import { fakeClock } from '../../testing/index.ts';
import { type Turn, withLease } from './lease.ts';

const KEY = 'key';
const HOUR = 3_600_000;

const errorOf = (message: string): AuthError => new AuthError(message, { code: 'unavailable', provider: 'acme', operation: 'token' });

interface Written extends WriteOptions {
  readonly value: string | undefined;
}

interface Timer {
  readonly due: number;
  readonly ref: boolean;
}

/**
 * The clock and the store of some processes, with what was written and which timers are armed. `hasTtl: false`: only waiters judge who is
 * dead.
 */
const setUp = ({ hasTtl = true }: { readonly hasTtl?: boolean } = {}) => {
  const inner = fakeClock({ now: HOUR });
  const armed = new Set<Timer>();
  const clock: Clock = {
    ...inner,
    after: (milliseconds, run, { ref = false } = {}) => {
      const timer = { due: inner.monotonic() + milliseconds, ref };
      armed.add(timer);
      const cancel = inner.after(milliseconds, () => {
        armed.delete(timer);
        run();
      });
      return () => {
        armed.delete(timer);
        cancel();
      };
    },
  };
  const memory = memoryStore({ clock });
  const written: Written[] = [];
  const store: Store = {
    read: memory.read,
    write: (key, value, options = {}) => {
      written.push({ value, ...options });
      return memory.write(key, value, hasTtl ? options : { ifVersion: options.ifVersion });
    },
  };

  /** One process's turn; unless told otherwise it takes no time. */
  const start = (plan: Partial<Turn<string>> = {}) => {
    const changes: string[] = [];
    let outcome = 'none yet';
    const result = withLease<string>({
      store,
      key: KEY,
      clock,
      signal: new AbortController().signal,
      alreadyDone: async () => undefined,
      work: async () => 'done',
      pollDelay: () => 100,
      patience: HOUR,
      timeoutError: () => errorOf('late'),
      encodeFailure: () => undefined,
      decodeFailure: errorOf,
      onChange: (change) => changes.push(change),
      ...plan,
    });
    result.then(
      (value) => {
        outcome = value;
      },
      (error: unknown) => {
        outcome = error instanceof Error ? `rejected: ${error.message}` : String(error);
      },
    );
    return { changes, result, outcome: () => outcome };
  };

  const holding = (plan: Partial<Turn<string>> = {}) => {
    const work = pending();
    return { ...start({ work: () => work.result, ...plan }), ...work };
  };

  return {
    clock: { ...clock, settle: inner.settle, step: inner.step },
    memory,
    store,
    written,
    start,
    /** A turn whose work lasts until the test ends it. */
    holding,
    armed: () => [...armed].map(({ due, ref }) => [due, ref]),
    /** What is in the store, as it is. */
    stored: async () => (await memory.read(KEY))?.value,
  };
};

const pending = () => {
  let succeed: (value: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const result = new Promise<string>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { result, succeed, fail };
};

const owned = (value: string | undefined): unknown => JSON.parse(value ?? 'null')[0];

describe('a turn', () => {
  it('takes the free lease for three seconds, does the work, and gives it back before it answers', async () => {
    const { start, written, stored, armed } = setUp();
    const { result, changes } = start({
      work: async () => {
        expect(await stored()).toMatch(/^\["[\da-f-]{36}"\]$/);
        expect(changes).toEqual(['held']);
        return 'done';
      },
    });
    expect(await result).toBe('done');
    expect(changes).toEqual(['held', 'released']);
    expect(written).toEqual([
      { value: expect.any(String), ifVersion: null, ttl: 3_000 },
      { value: undefined, ifVersion: expect.any(String), ttl: undefined },
    ]);
    expect(await stored()).toBeUndefined();
    expect(armed()).toEqual([]);
  });

  it('has an owner of its own each time', async () => {
    const { start, written } = setUp();
    await start().result;
    await start().result;
    expect(owned(written[0]?.value)).not.toBe(owned(written[2]?.value));
  });

  it('answers what another process has brought about, without touching the lease', async () => {
    const { start, written } = setUp();
    const { result, changes } = start({ alreadyDone: async () => 'theirs', work: () => expect.fail('worked') });
    expect(await result).toBe('theirs');
    expect([written, changes]).toEqual([[], []]);
  });

  it('looks again once the lease is its own, and then leaves the work', async () => {
    const { start, stored } = setUp();
    let looks = 0;
    const alreadyDone = async () => {
      looks += 1;
      return looks === 2 ? 'theirs' : undefined;
    };
    const { result, changes } = start({ alreadyDone, work: () => expect.fail('worked') });
    expect(await result).toBe('theirs');
    expect(changes).toEqual(['held', 'released']);
    expect(await stored()).toBeUndefined();
  });

  it('gives the lease back when looking again fails, and passes the error on', async () => {
    const { start, stored } = setUp();
    let looks = 0;
    const alreadyDone = async () => {
      looks += 1;
      if (looks === 2) throw errorOf('unreadable');
      return undefined;
    };
    const { result, changes } = start({ alreadyDone, work: () => expect.fail('worked') });
    await expect(result).rejects.toThrow('unreadable');
    expect(changes).toEqual(['held', 'released']);
    expect(await stored()).toBeUndefined();
  });

  it('gives the lease back when the work fails, and passes the error on', async () => {
    const { start, stored, written } = setUp();
    const error = errorOf('down');
    await expect(start({ work: () => Promise.reject(error) }).result).rejects.toBe(error);
    expect(await stored()).toBeUndefined();
    expect(written.at(-1)).toMatchObject({ value: undefined });
  });

  it('passes on that the store cannot be reached, before anything was done', async () => {
    const { start, store } = setUp();
    const down = (): Promise<never> => Promise.reject(errorOf('no store'));
    const unreadable = start({ store: { ...store, read: down }, work: () => expect.fail('worked') });
    await expect(unreadable.result).rejects.toThrow('no store');
    const unwritable = start({ store: { ...store, write: down }, work: () => expect.fail('worked') });
    await expect(unwritable.result).rejects.toThrow('no store');
    expect([unreadable.changes, unwritable.changes]).toEqual([[], []]);
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
    expect([other.outcome(), other.changes]).toEqual(['done', ['waited', 'held', 'released']]);
  });

  it('takes over the result, which it looks for before each try, and leaves the lease alone', async () => {
    const { holding, start, clock, written } = setUp();
    const looks: number[] = [];
    const alreadyDone = async () => {
      looks.push(clock.monotonic());
      return looks.length === 4 ? 'theirs' : undefined;
    };
    holding();
    await clock.settle(0);
    const other = start({ alreadyDone, work: () => expect.fail('worked') });
    await clock.settle(300);
    expect([other.outcome(), looks, other.changes]).toEqual(['theirs', [0, 100, 200, 300], ['waited']]);
    expect(written).toHaveLength(1);
  });

  it('waits as long as `pause` says each time', async () => {
    const { holding, start, clock } = setUp();
    const looks: number[] = [];
    const pauses = [25, 100, 60];
    holding();
    await clock.settle(0);
    start({
      alreadyDone: async () => void looks.push(clock.monotonic()),
      pollDelay: () => pauses.shift() ?? HOUR,
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
      alreadyDone: async () => void looks.push(clock.monotonic()),
      pollDelay: () => (isHurried ? 50 : 5_000),
    });
    await clock.settle(1_230);
    expect(looks).toEqual([0]);
    isHurried = true;
    await clock.settle(170);
    expect(looks).toEqual([0, 1_300, 1_350, 1_400]);
  });

  it('waits on when another one was faster to take a free lease', async () => {
    const { start, store, clock } = setUp();
    let isRaced = false;
    const racing: Store = {
      read: store.read,
      write: async (key, value, options) => {
        if (!isRaced) await store.write(key, '["faster"]', { ifVersion: null, ttl: 150 });
        isRaced = true;
        return store.write(key, value, options);
      },
    };
    const { outcome, changes } = start({ store: racing });
    await clock.settle(199);
    expect([outcome(), changes]).toEqual(['none yet', ['waited']]);
    await clock.settle(1);
    expect([outcome(), changes]).toEqual(['done', ['waited', 'held', 'released']]);
  });

  it('has patience, and then says that it is late', async () => {
    const { holding, start, clock, armed } = setUp();
    holding();
    await clock.settle(0);
    const other = start({ patience: 500, work: () => expect.fail('worked') });
    await clock.settle(499);
    expect(other.outcome()).toBe('none yet');
    await clock.settle(1);
    expect(other.outcome()).toBe('rejected: late');
    expect(armed()).toEqual([[1_000, false]]);
  });

  it('tries once even without patience', async () => {
    const { start } = setUp();
    expect(await start({ patience: 0 }).result).toBe('done');
  });

  it('counts its patience by the monotonic clock', async () => {
    const { holding, start, clock } = setUp();
    holding();
    await clock.settle(0);
    const other = start({ patience: 500 });
    await clock.settle(0);
    clock.step(2 * HOUR);
    await clock.settle(499);
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

describe('a holder', () => {
  it('is not ended by its signal', async () => {
    const { holding, clock } = setUp();
    const controller = new AbortController();
    const one = holding({ signal: controller.signal });
    await clock.settle(0);
    controller.abort(errorOf('gone'));
    await clock.settle(5_000);
    expect(one.changes).toEqual(['held']);
    one.succeed('done');
    expect(await one.result).toBe('done');
  });

  it('keeps the lease by a heartbeat every second, over its own last version, for three more seconds', async () => {
    const { holding, start, clock, written, memory } = setUp();
    const one = holding();
    const versions: (string | undefined)[] = [];
    for (let second = 0; second < 4; second += 1) {
      await clock.settle(second === 0 ? 999 : 1_000);
      versions.push((await memory.read(KEY))?.version);
      expect(written).toHaveLength(second + 1);
    }
    await clock.settle(1);
    expect(written).toHaveLength(5);
    expect(written.slice(1)).toEqual(versions.map((ifVersion) => ({ value: written[0]?.value, ifVersion, ttl: 3_000 })));
    const other = start({ work: () => expect.fail('worked'), pollDelay: () => 1_200 });
    await clock.settle(12_000);
    expect([other.changes, one.changes]).toEqual([['waited'], ['held']]);
  });

  it('keeps the lease when a heartbeat fails and the next one succeeds', async () => {
    const { holding, store, clock } = setUp();
    let isDown = false;
    const flaky: Store = { ...store, write: (...call) => (isDown ? Promise.reject(errorOf('no store')) : store.write(...call)) };
    const one = holding({ store: flaky });
    await clock.settle(500);
    isDown = true;
    await clock.settle(1_000);
    isDown = false;
    await clock.settle(10_000);
    expect([one.outcome(), one.changes, await store.read(KEY)]).toEqual(['none yet', ['held'], expect.anything()]);
  });

  it('reports a lost lease once, stops its heartbeat, and finishes its work', async () => {
    const { holding, memory, clock, written, armed, stored } = setUp();
    const one = holding();
    await clock.settle(500);
    await memory.write(KEY, '["thief"]');
    await clock.settle(499);
    expect(one.changes).toEqual(['held']);
    await clock.settle(1);
    expect(one.changes).toEqual(['held', 'lost']);
    await clock.settle(10_000);
    expect([one.outcome(), written.length, armed()]).toEqual(['none yet', 2, []]);
    one.succeed('done');
    await clock.settle(0);
    expect([one.outcome(), one.changes]).toEqual(['done', ['held', 'lost', 'released']]);
    expect([await stored(), written.length]).toEqual(['["thief"]', 2]);
  });

  it('has lost its lease when it expired, even if nobody has taken it since', async () => {
    const { holding, store, clock, memory } = setUp();
    let isDown = false;
    const flaky: Store = { ...store, write: (...call) => (isDown ? Promise.reject(errorOf('no store')) : store.write(...call)) };
    const one = holding({ store: flaky });
    await clock.settle(0);
    isDown = true;
    await clock.settle(3_500);
    isDown = false;
    await clock.settle(500);
    expect([one.changes, await memory.read(KEY)]).toEqual([['held', 'lost'], undefined]);
  });

  it.each(['succeeds', 'fails'])('never deletes the lease of another one when its work %s before it notices the loss', async (how) => {
    const { holding, memory, clock, stored } = setUp();
    const one = holding({ encodeFailure: () => ({ note: 'note', ttl: 500 }) });
    await clock.settle(0);
    await memory.write(KEY, '["thief"]');
    if (how === 'succeeds') one.succeed('done');
    else one.fail(errorOf('down'));
    await clock.settle(0);
    expect([one.outcome(), await stored()]).toEqual([how === 'succeeds' ? 'done' : 'rejected: down', '["thief"]']);
  });

  it.each(['succeeds', 'fails'])('does not mind that the store is away when its work %s: the lease expires by itself', async (how) => {
    const { holding, store, clock, armed } = setUp();
    let isDown = false;
    const flaky: Store = { ...store, write: (...call) => (isDown ? Promise.reject(errorOf('no store')) : store.write(...call)) };
    const one = holding({ store: flaky, encodeFailure: () => ({ note: 'note', ttl: 500 }) });
    await clock.settle(500);
    isDown = true;
    if (how === 'succeeds') one.succeed('done');
    else one.fail(errorOf('down'));
    await clock.settle(0);
    expect([one.outcome(), armed()]).toEqual([how === 'succeeds' ? 'done' : 'rejected: down', []]);
    await clock.settle(2_499);
    expect(await store.read(KEY)).toBeDefined();
    await clock.settle(1);
    expect(await store.read(KEY)).toBeUndefined();
  });
});

describe('a heartbeat that is under way when the work ends', () => {
  const slowBeats = () => {
    const world = setUp();
    const beat = pending();
    let writes = 0;
    const slow: Store = {
      ...world.store,
      write: async (...call) => {
        writes += 1;
        if (writes === 2 && (await beat.result) === 'lost') return undefined;
        return world.store.write(...call);
      },
    };
    return { ...world, beat, one: world.holding({ store: slow }), writes: () => writes };
  };

  it('is waited for, and its version deleted', async () => {
    const { one, beat, clock, stored, armed } = slowBeats();
    await clock.settle(1_000);
    one.succeed('done');
    await clock.settle(0);
    expect([one.outcome(), one.changes]).toEqual(['none yet', ['held']]);
    beat.succeed('kept');
    await clock.settle(0);
    expect([one.outcome(), one.changes, await stored(), armed()]).toEqual(['done', ['held', 'released'], undefined, []]);
  });

  it('may say that the lease is lost: then nothing is deleted', async () => {
    const { one, beat, clock, writes, armed } = slowBeats();
    await clock.settle(1_000);
    one.succeed('done');
    beat.succeed('lost');
    await clock.settle(0);
    expect([one.outcome(), one.changes, writes(), armed()]).toEqual(['done', ['held', 'lost', 'released'], 2, []]);
  });

  it('may fail: then the last version is deleted, and no other beat follows', async () => {
    const { one, beat, clock, stored, armed } = slowBeats();
    await clock.settle(1_000);
    one.succeed('done');
    beat.fail(errorOf('no store'));
    await clock.settle(0);
    expect([one.outcome(), one.changes, await stored(), armed()]).toEqual(['done', ['held', 'released'], undefined, []]);
  });
});

describe('a holder that is dead', () => {
  it('is succeeded when its entry is gone', async () => {
    const { start, memory, clock } = setUp();
    await memory.write(KEY, '["dead"]', { ttl: 3_000 });
    const other = start({ pollDelay: () => 500 });
    await clock.settle(2_999);
    expect(other.outcome()).toBe('none yet');
    await clock.settle(1);
    expect(other.outcome()).toBe('done');
  });

  it.each([0, 2 * HOUR, -2 * HOUR])(
    'is succeeded when its entry has not changed for 3.6 s of the waiter’s monotonic clock, with a step of the wall clock by %d ms',
    async (step) => {
      const { start, memory, clock, written } = setUp({ hasTtl: false });
      const version = await memory.write(KEY, '["dead"]');
      await clock.settle(10_000);
      const began = clock.monotonic();
      const pause = (passed: number): number => (passed < 1_000 ? 1_000 : 2_599);
      const other = start({ pollDelay: () => (clock.monotonic() - began < 3_599 ? pause(clock.monotonic() - began) : 1) });
      await clock.settle(1_000);
      clock.step(step);
      await clock.settle(2_599);
      expect([other.outcome(), other.changes]).toEqual(['none yet', ['waited']]);
      await clock.settle(1);
      expect([other.outcome(), other.changes]).toEqual(['done', ['waited', 'held', 'released']]);
      expect(written[0]).toMatchObject({ ifVersion: version, ttl: 3_000 });
    },
  );

  it('is not one whose entry has changed since, though its text is the same', async () => {
    const { start, memory, clock } = setUp({ hasTtl: false });
    await memory.write(KEY, '["alive"]');
    const other = start({ pollDelay: () => 400 });
    await clock.settle(3_500);
    await memory.write(KEY, '["alive"]');
    await clock.settle(100 + 3_599);
    expect(other.outcome()).toBe('none yet');
    await clock.settle(1);
    expect(other.outcome()).toBe('done');
  });

  it('is succeeded by one of those who wait', async () => {
    const { holding, memory, clock } = setUp({ hasTtl: false });
    await memory.write(KEY, '["dead"]');
    const waiting = [1, 2, 3].map(() => holding({ pollDelay: () => 600 }));
    await clock.settle(6_000);
    expect(waiting.map(({ changes }) => changes.join()).sort()).toEqual(['waited', 'waited', 'waited,held']);
  });

  it.each(['', 'garbage', 'null', '{}', '7', '"text"', '[]', '[7]', '["owner",7]', '["owner",null]'])(
    'is waited for all the same when it left %j, which this version did not write',
    async (value) => {
      const { start, memory, clock } = setUp({ hasTtl: false });
      await memory.write(KEY, value);
      const other = start({ pollDelay: () => 400 });
      await clock.settle(3_599);
      expect(other.outcome()).toBe('none yet');
      await clock.settle(1);
      expect(other.outcome()).toBe('done');
    },
  );
});

describe('the failure of a holder', () => {
  const encodeFailure = (error: unknown) => ({ note: `noted ${error instanceof Error ? error.message : ''}`, ttl: 500 });

  it('is left in the lease, for as long as it says', async () => {
    const { start, written, stored, clock } = setUp();
    const { result, changes } = start({ work: () => Promise.reject(errorOf('down')), encodeFailure });
    await expect(result).rejects.toThrow('down');
    expect(changes).toEqual(['held', 'released']);
    expect(written[1]).toEqual({
      value: JSON.stringify([owned(written[0]?.value), 'noted down']),
      ifVersion: expect.any(String),
      ttl: 500,
    });
    await clock.settle(499);
    expect(await stored()).toBeDefined();
    await clock.settle(1);
    expect(await stored()).toBeUndefined();
  });

  it('is shared by all who saw it at work, with the lease left as it is', async () => {
    const { holding, start, clock, written } = setUp();
    const one = holding({ encodeFailure });
    await clock.settle(0);
    const waiting = [start(), start()];
    await clock.settle(1_050);
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect(waiting.map(({ outcome }) => outcome())).toEqual(['rejected: noted down', 'rejected: noted down']);
    expect(waiting.map(({ changes }) => changes)).toEqual([['waited'], ['waited']]);
    expect([one.outcome(), written.length]).toEqual(['rejected: down', 3]);
  });

  it('is not shared by those who came later: they work at once, over the note', async () => {
    const { start, clock, written, memory } = setUp();
    start({ work: () => Promise.reject(errorOf('down')), encodeFailure });
    await clock.settle(0);
    const noted = await memory.read(KEY);
    const late = start();
    await clock.settle(0);
    expect([late.outcome(), late.changes]).toEqual(['done', ['held', 'released']]);
    expect(written[2]).toMatchObject({ ifVersion: noted?.version, ttl: 3_000 });
  });

  it('is shared by those who lost the race for the lease to it, though it fails before they look again', async () => {
    const { start, clock } = setUp();
    const work = async () => 'done twice';
    start({ work: () => Promise.reject(errorOf('down')), encodeFailure });
    const other = start({ work });
    await clock.settle(100);
    expect(other.changes).toEqual(['waited']);
    expect(other.outcome()).toBe('rejected: noted down');
  });

  it('comes after a result: what is settled counts more', async () => {
    const { holding, start, clock } = setUp();
    let theirs: string | undefined;
    const one = holding({ encodeFailure });
    await clock.settle(0);
    const other = start({ alreadyDone: async () => theirs });
    await clock.settle(50);
    theirs = 'theirs';
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect(other.outcome()).toBe('theirs');
  });

  it('makes the next one work at once when nobody can read it', async () => {
    const { holding, start, clock } = setUp();
    const one = holding({ encodeFailure });
    await clock.settle(0);
    const other = start({ decodeFailure: () => undefined });
    await clock.settle(50);
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect([other.outcome(), other.changes]).toEqual(['done', ['waited', 'held', 'released']]);
  });

  it('is its own when there is no note of it', async () => {
    const { holding, start, clock } = setUp();
    const one = holding();
    await clock.settle(0);
    const other = start();
    await clock.settle(50);
    one.fail(errorOf('down'));
    await clock.settle(50);
    expect([one.outcome(), other.outcome()]).toEqual(['rejected: down', 'done']);
  });
});
