import { describe, expect, it } from 'vitest';
import type { AuthErrorCode, AuthErrorFacts, Store } from '../index.ts';
import { AuthError, memoryStore } from '../index.ts';
import { fakeClock } from '../testing/index.ts';
import { type Attempt, createGuard, type Guard, isRefused, REFUSAL_BUDGET } from './credential-guard.ts';
import { sharedRecords } from './shared/credential-records.ts';

const KEY = 'account';
const YEAR = 365 * 24 * 3_600_000;

const failure = (code: AuthErrorCode, facts: Partial<AuthErrorFacts> = {}): AuthError =>
  new AuthError(`The vendor says ${code}.`, { provider: 'acme', operation: 'token', ...facts, code });

const pending = () => {
  let succeed: (value: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const result = new Promise<string>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { result, succeed, fail };
};

/** What a guard answers, as text, and what it ran. */
const observed = (guard: Guard) => {
  const told: string[] = [];
  const ran: string[] = [];
  const attempt = async (
    fingerprint: string,
    answer: AuthError | (() => Promise<string>) = async () => 'token',
    signal: AbortSignal = new AbortController().signal,
  ): Promise<string> => {
    try {
      return await guard.attempt({
        fingerprint,
        signal,
        run: async () => {
          ran.push(fingerprint);
          if (typeof answer === 'function') return answer();
          throw answer;
        },
        refused: async ({ code }, isSpent) => {
          told.push(isSpent ? `${code}, spent` : code);
        },
      });
    } catch (error) {
      return AuthError.is(error) ? error.code : String(error);
    }
  };
  return { ...guard, raw: guard.attempt, attempt, ran, told };
};

/** A guard without a store. */
const alone = () => observed(createGuard({ provider: 'acme', operation: 'token', records: undefined }));

interface Membership {
  readonly via?: Store;
  readonly whenStoreIsDown?: 'serve' | 'refuse';
}

/** Processes that share a store, each of which can lose sight of it. */
const setUp = () => {
  const clock = fakeClock();
  const memory = memoryStore({ clock });
  const join = ({ via = memory, whenStoreIsDown = 'serve' }: Membership = {}) => {
    let isDown = false;
    const down = (): Promise<never> => Promise.reject(failure('store_unavailable'));
    const store: Store = {
      read: (key) => (isDown ? down() : via.read(key)),
      write: (...call) => (isDown ? down() : via.write(...call)),
    };
    const sharing = sharedRecords({
      store,
      key: async () => KEY,
      clock,
      pollDelay: () => 100,
      patience: 10_000,
      timeoutError: () => failure('timeout'),
      whenStoreIsDown,
      fail: (code, message) => new AuthError(message, { code, provider: 'acme', operation: 'token' }),
    });
    return {
      ...observed(createGuard({ provider: 'acme', operation: 'token', records: async () => sharing })),
      unplug: () => {
        isDown = true;
      },
      plug: () => {
        isDown = false;
      },
    };
  };
  const stored = async (): Promise<unknown> => JSON.parse((await memory.read(KEY))?.value ?? 'null');
  /** What was accepted, and the names and codes of what was refused. */
  const summary = async (): Promise<readonly [unknown, readonly string[]]> => {
    const [, accepted, refusals] = Object.values(Object(await stored()));
    return [accepted, Array.isArray(refusals) ? refusals.map((refusal) => refusal.slice(0, 2).join(' ')) : []];
  };
  return { clock, memory, join, stored, summary };
};

const wrong = failure('invalid_credentials');

/** A plan that must not be carried out. */
const idle = (fingerprint: string): Attempt<string> => ({
  fingerprint,
  signal: new AbortController().signal,
  run: () => expect.fail('ran'),
  refused: async () => {},
});

/** Lets promises go on. */
const settled = (): Promise<void> => fakeClock().settle(0);

describe('isRefused', () => {
  it.each([
    ['invalid_credentials', true],
    ['locked', true],
    ['attempts_exhausted', true],
    ['invalid_token', false],
    ['forbidden', false],
    ['rate_limited', false],
    ['unavailable', false],
    ['store_unavailable', false],
  ] as const)('of %s is %s', (code, expected) => {
    expect(isRefused(failure(code))).toBe(expected);
  });
});

describe.each([
  ['without a store', () => alone()],
  ['with a store', () => setUp().join()],
])('a guard %s', (_, create) => {
  it('answers what the attempt answers', async () => {
    const { attempt, left, told } = create();
    expect(await attempt('print')).toBe('token');
    expect([await left(), told]).toEqual([3, []]);
  });

  it('passes on the error of the attempt itself', async () => {
    const { raw, attempt } = create();
    const plan = { ...idle('print'), run: () => Promise.reject(wrong) };
    await expect(raw(plan)).rejects.toBe(wrong);
    expect(await attempt('other', () => Promise.reject(new TypeError('broken')))).toBe('TypeError: broken');
  });

  it.each(['invalid_credentials', 'locked'] as const)('never tries credentials again that were refused as %s', async (code) => {
    const { attempt, ran, told, left } = create();
    expect(await attempt('print', failure(code))).toBe(code);
    for (let round = 0; round < 5; round += 1) expect(await attempt('print')).toBe(code);
    expect([ran, told, await left()]).toEqual([['print'], [code], 2]);
  });

  it('says why it does not try, with what the vendor said', async () => {
    const guard = create();
    await guard.attempt(
      'print',
      failure('locked', { status: 403, vendorCode: '10023', requestId: 'r1', retryAfter: 5, operation: 'other' }),
    );
    await expect(guard.raw(idle('print'))).rejects.toMatchObject({
      message: 'The vendor says locked. These credentials are not sent again until you change them or call reset().',
      code: 'locked',
      provider: 'acme',
      operation: 'token',
      status: 403,
      vendorCode: '10023',
      requestId: undefined,
      retryAfter: undefined,
    });
  });

  it.each([
    'unavailable',
    'timeout',
    'rate_limited',
    'forbidden',
    'invalid_token',
    'outcome_unknown',
    'store_unavailable',
    'aborted',
  ] as const)('does not count %s', async (code) => {
    const { attempt, ran, told, left } = create();
    for (let round = 0; round < 5; round += 1) expect(await attempt('print', failure(code))).toBe(code);
    expect([ran.length, told, await left()]).toEqual([5, [], 3]);
    expect(await attempt('print')).toBe('token');
  });

  it('does not count an error that is none of ours', async () => {
    const { attempt, ran, left } = create();
    const foreign = () => Promise.reject(Object.assign(new Error('foreign'), { code: 'invalid_credentials' }));
    for (let round = 0; round < 4; round += 1) expect(await attempt('print', foreign)).toBe('Error: foreign');
    expect([ran.length, await left()]).toEqual([4, 3]);
  });

  it('tries three different secrets, and says once that the budget is spent', async () => {
    const { attempt, ran, told, left } = create();
    expect(REFUSAL_BUDGET).toBe(3);
    const lefts = [await left()];
    for (const print of ['one', 'two', 'three']) {
      expect(await attempt(print, wrong)).toBe('invalid_credentials');
      lefts.push(await left());
    }
    expect(lefts).toEqual([3, 2, 1, 0]);
    expect(told).toEqual(['invalid_credentials', 'invalid_credentials', 'invalid_credentials, spent']);
    expect(await attempt('four')).toBe('attempts_exhausted');
    // What is known about the secret itself counts more.
    expect(await attempt('two')).toBe('invalid_credentials');
    expect(ran).toEqual(['one', 'two', 'three']);
  });

  it('says what to do when the budget is spent', async () => {
    const guard = create();
    for (const print of ['one', 'two', 'three']) await guard.attempt(print, wrong);
    await expect(guard.raw(idle('four'))).rejects.toMatchObject({
      message: expect.stringMatching(/^acme refused 3 different secrets\b.*\breset\(\)/),
      code: 'attempts_exhausted',
      provider: 'acme',
      operation: 'token',
    });
  });

  it('has the whole budget again after a success, and tries again what was refused before', async () => {
    const { attempt, ran, left } = create();
    await attempt('one', wrong);
    await attempt('two', wrong);
    expect(await attempt('three')).toBe('token');
    expect(await left()).toBe(3);
    expect(await attempt('one')).toBe('token');
    expect(ran).toEqual(['one', 'two', 'three', 'one']);
  });

  it('has the whole budget again when credentials that it knows are accepted once more', async () => {
    const { attempt, left } = create();
    await attempt('good');
    await attempt('other', wrong);
    expect(await left()).toBe(2);
    expect(await attempt('good')).toBe('token');
    expect(await left()).toBe(3);
  });

  it('forgets all refusals when it is reset', async () => {
    const { attempt, reset, left } = create();
    for (const print of ['one', 'two', 'three']) await attempt(print, wrong);
    await reset();
    expect(await left()).toBe(3);
    expect(await attempt('four')).toBe('token');
    expect(await attempt('one')).toBe('token');
  });

  it('counts credentials once that were accepted before and are refused by many calls at once', async () => {
    const { attempt, left, told } = create();
    await attempt('print');
    const calls = Array.from({ length: 5 }, () => attempt('print', wrong));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
    expect([await left(), told.length]).toEqual([2, 5]);
    expect(await attempt('print')).toBe('invalid_credentials');
  });

  it('tells of a refusal before anybody gets it', async () => {
    const { raw } = create();
    const telling = pending();
    let outcome = 'none yet';
    raw({ ...idle('print'), run: () => Promise.reject(wrong), refused: async () => void (await telling.result) }).catch(() => {
      outcome = 'rejected';
    });
    await settled();
    expect(outcome).toBe('none yet');
    telling.succeed('told');
    await settled();
    expect(outcome).toBe('rejected');
  });

  it('has nothing left, and says no more, when a call that was under way overdraws the budget', async () => {
    const { attempt, left, told } = create();
    await attempt('good');
    const late = pending();
    const call = attempt('good', () => late.result);
    await settled();
    for (const print of ['one', 'two', 'three']) await attempt(print, wrong);
    late.fail(wrong);
    expect(await call).toBe('invalid_credentials');
    expect([told.slice(2), await left()]).toEqual([['invalid_credentials, spent', 'invalid_credentials'], 0]);
  });

  it('lets one attempt go at a time until the credentials are accepted, and then all', async () => {
    const { attempt, ran } = create();
    const first = pending();
    const second = pending();
    const calls = [attempt('print', () => first.result), ...Array.from({ length: 3 }, () => attempt('print', () => second.result))];
    await settled();
    expect(ran).toHaveLength(1);
    first.succeed('first');
    await settled();
    expect(ran).toHaveLength(4);
    second.succeed('second');
    expect(await Promise.all(calls)).toEqual(['first', 'second', 'second', 'second']);
  });

  it('lets the next attempt go when one came to nothing', async () => {
    const { attempt, ran } = create();
    const answers = [pending(), pending(), pending()];
    const calls = answers.map(({ result }) => attempt('print', () => result));
    await settled();
    for (const [index, { fail }] of answers.entries()) {
      expect(ran).toHaveLength(index + 1);
      fail(failure('unavailable'));
      await settled();
    }
    expect(await Promise.all(calls)).toEqual(['unavailable', 'unavailable', 'unavailable']);
  });

  it('costs one attempt for a hundred that wait for it', async () => {
    const { attempt, ran } = create();
    const first = pending();
    const calls = Array.from({ length: 100 }, () => attempt('print', () => first.result));
    await settled();
    first.fail(wrong);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['invalid_credentials']));
    expect(ran).toHaveLength(1);
  });

  it('lets nobody wait for credentials that were accepted, even while others are tried', async () => {
    const { attempt } = create();
    await attempt('good');
    const other = pending();
    const trying = attempt('other', () => other.result);
    await settled();
    expect(await attempt('good')).toBe('token');
    other.succeed('other');
    expect(await trying).toBe('other');
  });
});

describe('an attempt that was aborted but does not end', () => {
  it.each(['before it began', 'while it ran'])('does not hold up the next one, when it was %s', async (when) => {
    const { attempt, ran } = alone();
    const controller = new AbortController();
    if (when === 'before it began') controller.abort();
    void attempt('print', () => pending().result, controller.signal);
    const next = attempt('print');
    await settled();
    if (when === 'while it ran') {
      expect(ran).toHaveLength(1);
      controller.abort();
    }
    expect(await next).toBe('token');
  });

  it('does not let a third one pass the second when it ends at last', async () => {
    const { attempt, ran } = alone();
    const controller = new AbortController();
    const [first, second] = [pending(), pending()];
    const calls = [attempt('print', () => first.result, controller.signal), attempt('print', () => second.result)];
    await settled();
    controller.abort();
    await settled();
    first.fail(failure('unavailable'));
    await settled();
    calls.push(attempt('print'));
    await settled();
    expect(ran).toHaveLength(2);
    second.succeed('second');
    expect(await Promise.all(calls)).toEqual(['unavailable', 'second', 'token']);
  });
});

describe('the record in the store', () => {
  it('holds what was accepted, and is written once', async () => {
    const { join, stored, memory } = setUp();
    const one = join();
    await one.attempt('print');
    expect(await stored()).toEqual([1, 'print', []]);
    const before = await memory.read(KEY);
    await one.attempt('print');
    await join().attempt('print');
    expect(await memory.read(KEY)).toEqual(before);
  });

  it('is read once for each use of accepted credentials', async () => {
    const { join, memory } = setUp();
    let reads = 0;
    const counting: Store = {
      write: memory.write,
      read: (key) => {
        reads += 1;
        return memory.read(key);
      },
    };
    const { attempt } = join({ via: counting });
    await attempt('print');
    reads = 0;
    await attempt('print');
    expect(reads).toBe(1);
  });

  it('holds what was refused, with what the vendor said, for ever', async () => {
    const { join, stored, clock } = setUp();
    const { attempt } = join();
    await attempt('one', failure('invalid_credentials', { status: 401, vendorCode: '10023', requestId: 'r1' }));
    await attempt('two', failure('locked'));
    clock.advance(YEAR);
    expect(await stored()).toEqual([
      1,
      null,
      [
        ['one', 'invalid_credentials', 'The vendor says invalid_credentials.', 401, '10023'],
        ['two', 'locked', 'The vendor says locked.', null, null],
      ],
    ]);
  });

  it('no longer holds what was accepted once that is refused, but keeps it for the refusal of another', async () => {
    const { join, summary } = setUp();
    const { attempt } = join();
    await attempt('print');
    await attempt('other', wrong);
    expect(await summary()).toEqual(['print', ['other invalid_credentials']]);
    await attempt('print', wrong);
    expect(await summary()).toEqual([null, ['other invalid_credentials', 'print invalid_credentials']]);
  });

  it('keeps what was accepted through a reset', async () => {
    const { join, stored } = setUp();
    const { attempt, reset } = join();
    await attempt('print');
    await attempt('other', wrong);
    await reset();
    expect(await stored()).toEqual([1, 'print', []]);
  });

  it('names a refused secret once, as the last one that was refused', async () => {
    const { join, summary } = setUp();
    const { attempt } = join();
    await attempt('one', wrong);
    await join().reset();
    await attempt('two');
    await attempt('one', failure('locked'));
    const [first, second] = [pending(), pending()];
    const calls = [attempt('two', () => first.result), attempt('two', () => second.result)];
    await settled();
    first.fail(wrong);
    await settled();
    await attempt('three', failure('locked'));
    second.fail(failure('locked'));
    await Promise.all(calls);
    expect(await summary()).toEqual([null, ['one locked', 'three locked', 'two locked']]);
  });

  it('is not written when there is nothing to change', async () => {
    const { join, memory } = setUp();
    const one = join();
    await one.attempt('one', wrong);
    await one.reset();
    const before = await memory.read(KEY);
    await one.reset();
    expect(await memory.read(KEY)).toEqual(before);
  });

  it.each(['', 'garbage', 'null', '7', '{}', '[]', '[2,"print",[]]', '[2,null,[["print","locked","m",null,null]]]', '["1","print",[]]'])(
    'counts for nothing when it is %j, which this version did not write, and is written over',
    async (value) => {
      const { join, memory, stored } = setUp();
      await memory.write(KEY, value);
      const { attempt, left } = join();
      expect(await left()).toBe(3);
      expect(await attempt('print')).toBe('token');
      expect(await stored()).toEqual([1, 'print', []]);
    },
  );

  it.each([
    ['[1,7,[]]', 3],
    ['[1,null,null]', 3],
    ['[1,null,{}]', 3],
    ['[1,null,["one",null,7,[],[7,"locked","m"],["two","locked",7]]]', 3],
    ['[1,null,["one",["two","locked","m",null,null]]]', 2],
  ])('is read as far as it can be when it is %s', async (value, expected) => {
    const { join, memory } = setUp();
    await memory.write(KEY, value);
    expect(await join().left()).toBe(expected);
  });

  it.each([
    ['[1,null,[["print","locked","m",423,"v"]]]', { code: 'locked', status: 423, vendorCode: 'v' }],
    ['[1,null,[["print","invalid_credentials","m",null,null]]]', { code: 'invalid_credentials', status: undefined, vendorCode: undefined }],
    ['[1,null,[["print","unheard_of","m","401",17]]]', { code: 'invalid_credentials', status: undefined, vendorCode: undefined }],
  ])('gives the refusal of %s', async (value, facts) => {
    const { join, memory } = setUp();
    await memory.write(KEY, value);
    await expect(join().raw(idle('print'))).rejects.toMatchObject({
      ...facts,
      message: 'm These credentials are not sent again until you change them or call reset().',
    });
  });

  it.each([
    ['[1,7,[]]', null],
    ['[1,"print",null]', 'print'],
  ])('keeps what could be read of %s when it is written next', async (value, accepted) => {
    const { join, memory, summary } = setUp();
    await memory.write(KEY, value);
    await join().attempt('other', wrong);
    expect(await summary()).toEqual([accepted, ['other invalid_credentials']]);
  });

  it('loses nothing when another process writes at the same moment', async () => {
    const { join, memory, summary } = setUp();
    let races = 3;
    const racing: Store = {
      write: memory.write,
      read: async (key) => {
        const entry = await memory.read(key);
        // Between this process's look and its write, for the record only.
        if (key === KEY && races > 0 && entry !== undefined) {
          races -= 1;
          await memory.write(key, `[1,null,[["theirs","locked","${races}",null,null]]]`);
        }
        return entry;
      },
    };
    await memory.write(KEY, '[1,null,[]]');
    const { attempt } = join({ via: racing });
    expect(await attempt('mine', wrong)).toBe('invalid_credentials');
    expect(races).toBe(0);
    expect(await summary()).toEqual([null, ['theirs locked', 'mine invalid_credentials']]);
  });

  it('is made only where there is none', async () => {
    const { join, memory, summary } = setUp();
    let isRaced = false;
    const racing: Store = {
      read: memory.read,
      write: async (key, value, options) => {
        if (key === KEY && !isRaced) {
          isRaced = true;
          await memory.write(key, '[1,null,[["theirs","locked","m",null,null]]]');
        }
        return memory.write(key, value, options);
      },
    };
    await join({ via: racing }).attempt('mine', wrong);
    expect(await summary()).toEqual([null, ['theirs locked', 'mine invalid_credentials']]);
  });

  it('is given up after fifty races in a store that lets nobody win, and the refusal is known to this process', async () => {
    const { join, memory, clock } = setUp();
    let tries = 0;
    const broken: Store = {
      read: memory.read,
      write: async (key, value, options) => {
        if (key !== KEY) return memory.write(key, value, options);
        tries += 1;
        return undefined;
      },
    };
    await memory.write(KEY, '[1,null,[]]');
    const { attempt } = join({ via: broken });
    const first = attempt('mine', wrong);
    await clock.settle(10_000);
    expect([await first, tries]).toEqual(['invalid_credentials', 50]);
    const second = attempt('mine');
    await clock.settle(10_000);
    expect(await second).toBe('invalid_credentials');
  });

  it('is made again, with all that this process knows, where the store lost it', async () => {
    const { join, memory, stored, summary } = setUp();
    const one = join();
    await one.attempt('one', wrong);
    await memory.write(KEY, undefined);
    expect([await one.left(), await one.attempt('one')]).toEqual([2, 'invalid_credentials']);
    expect(await stored()).toBeNull();
    await one.attempt('two', wrong);
    expect(await summary()).toEqual([null, ['one invalid_credentials', 'two invalid_credentials']]);
    expect(await one.left()).toBe(1);
  });
});

describe('processes that share a store', () => {
  it('know each other’s refusals, successes and resets', async () => {
    const { join } = setUp();
    const [one, other] = [join(), join()];
    await one.attempt('print', wrong);
    expect(await other.attempt('print')).toBe('invalid_credentials');
    expect([await other.left(), other.ran]).toEqual([2, []]);
    await other.reset();
    expect(await one.left()).toBe(3);
    expect(await one.attempt('print')).toBe('token');
  });

  it('have one budget', async () => {
    const { join } = setUp();
    const processes = ['one', 'two', 'three', 'four', 'five'].map((print) => ({ print, ...join() }));
    const outcomes: string[] = [];
    for (const { print, attempt } of processes) outcomes.push(await attempt(print, wrong));
    expect(outcomes).toEqual([
      'invalid_credentials',
      'invalid_credentials',
      'invalid_credentials',
      'attempts_exhausted',
      'attempts_exhausted',
    ]);
    expect(processes.flatMap(({ told }) => told)).toEqual(['invalid_credentials', 'invalid_credentials', 'invalid_credentials, spent']);
  });

  it('try one at a time, and no longer once it was refused', async () => {
    const { join, clock } = setUp();
    const first = pending();
    const processes = Array.from({ length: 5 }, () => join());
    const calls = processes.map(({ attempt }) => attempt('print', () => first.result));
    await clock.settle(250);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(1);
    first.fail(wrong);
    await clock.settle(200);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['invalid_credentials']));
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(1);
  });

  it('try one at a time, and all at once when it was accepted', async () => {
    const { join, clock } = setUp();
    const [first, rest] = [pending(), pending()];
    const processes = Array.from({ length: 5 }, () => join());
    const calls = processes.map(({ attempt }, index) => attempt('print', () => (index === 0 ? first.result : rest.result)));
    await clock.settle(250);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(1);
    first.succeed('first');
    await clock.settle(100);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(5);
    rest.succeed('rest');
    expect(await Promise.all(calls)).toEqual(['first', 'rest', 'rest', 'rest', 'rest']);
  });

  it('try different secrets one at a time too, so that the budget is never overdrawn', async () => {
    const { join, clock } = setUp();
    const processes = Array.from({ length: 6 }, () => join());
    const calls = processes.map(({ attempt }, index) => attempt(`v${index}`, wrong));
    await clock.settle(1_000);
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => outcome === 'invalid_credentials')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'attempts_exhausted')).toHaveLength(3);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(3);
  });

  it('say once that the budget is spent, also when they tried at the same time', async () => {
    const { join, clock } = setUp();
    const processes = Array.from({ length: 4 }, () => join());
    const calls = processes.map(({ attempt }, index) => attempt(`v${index}`, wrong));
    await clock.settle(1_000);
    await Promise.all(calls);
    expect(processes.flatMap(({ told }) => told).sort()).toEqual([
      'invalid_credentials',
      'invalid_credentials',
      'invalid_credentials, spent',
    ]);
  });

  it('wait for another one’s attempt as long as they have patience', async () => {
    const { join, clock } = setUp();
    void join().attempt('print', () => pending().result);
    await clock.settle(0);
    const { attempt, ran } = join();
    let outcome = 'none yet';
    void attempt('print').then((answer) => {
      outcome = answer;
    });
    await clock.settle(9_999);
    expect(outcome).toBe('none yet');
    await clock.settle(1);
    expect([outcome, ran]).toEqual(['timeout', []]);
  });

  it('wait for another one’s attempt no longer than their signal', async () => {
    const { join, clock } = setUp();
    void join().attempt('print', () => pending().result);
    await clock.settle(0);
    const { attempt, ran } = join();
    const controller = new AbortController();
    const waiting = attempt('print', undefined, controller.signal);
    await clock.settle(250);
    controller.abort(failure('aborted'));
    expect([await waiting, ran]).toEqual(['aborted', []]);
  });
});

describe('a store that is down', () => {
  it('leaves each process its own knowledge: one attempt, one budget', async () => {
    const { join } = setUp();
    const one = join();
    one.unplug();
    for (let round = 0; round < 3; round += 1) expect(await one.attempt('one', wrong)).toBe('invalid_credentials');
    await one.attempt('two', wrong);
    await one.attempt('three', wrong);
    expect(await one.attempt('four')).toBe('attempts_exhausted');
    expect([one.ran, await one.left()]).toEqual([['one', 'two', 'three'], 0]);
    await expect(one.reset()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await one.left()).toBe(3);
  });

  it('still lets one attempt go at a time', async () => {
    const { join } = setUp();
    const one = join();
    one.unplug();
    const first = pending();
    const calls = Array.from({ length: 10 }, () => one.attempt('print', () => first.result));
    await settled();
    expect(one.ran).toHaveLength(1);
    first.fail(wrong);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['invalid_credentials']));
    expect(one.ran).toHaveLength(1);
  });

  it('is told of refusals later, when the process looks at it again', async () => {
    const { join, summary } = setUp();
    const [one, other] = [join(), join()];
    await other.attempt('theirs', wrong);
    one.unplug();
    await one.attempt('one', wrong);
    await one.attempt('two', failure('locked'));
    one.plug();
    expect(await one.left()).toBe(0);
    expect(await summary()).toEqual([null, ['theirs invalid_credentials', 'one invalid_credentials', 'two locked']]);
    expect(await other.attempt('two')).toBe('locked');
  });

  it('is told of them once', async () => {
    const { join, stored } = setUp();
    const [one, other] = [join(), join()];
    one.unplug();
    await one.attempt('one', wrong);
    one.plug();
    expect(await one.left()).toBe(2);
    await other.reset();
    expect([await one.left(), await stored()]).toEqual([3, [1, null, []]]);
  });

  it('is told of them even where it lost the record', async () => {
    const { join, memory, summary } = setUp();
    const one = join();
    await one.attempt('one', wrong);
    one.unplug();
    await one.attempt('two', wrong);
    await memory.write(KEY, undefined);
    one.plug();
    expect(await one.left()).toBe(1);
    expect(await summary()).toEqual([null, ['one invalid_credentials', 'two invalid_credentials']]);
  });

  it('goes down between the first look and the attempt without an outage', async () => {
    const { join, memory } = setUp();
    let looks = 0;
    const failing: Store = {
      write: memory.write,
      read: (key) => {
        looks += 1;
        return looks === 1 ? memory.read(key) : Promise.reject(failure('store_unavailable'));
      },
    };
    const { attempt, ran } = join({ via: failing });
    expect([await attempt('print'), ran]).toEqual(['token', ['print']]);
  });

  it('goes down once the lease is held without an outage', async () => {
    const { join, memory } = setUp();
    let isHeld = false;
    const failing: Store = {
      read: (key) => (isHeld ? Promise.reject(failure('store_unavailable')) : memory.read(key)),
      write: (...call) => {
        isHeld = true;
        return memory.write(...call);
      },
    };
    const { attempt, ran } = join({ via: failing });
    expect([await attempt('print'), ran]).toEqual(['token', ['print']]);
  });

  it('is not one whose error the attempt itself brought: nothing is tried twice', async () => {
    const { join } = setUp();
    const { attempt, ran } = join();
    expect([await attempt('print', failure('store_unavailable')), ran]).toEqual(['store_unavailable', ['print']]);
  });

  it('is not one that is misconfigured: then nothing is tried', async () => {
    const { join, memory } = setUp();
    const { attempt, ran, left } = join({ via: { ...memory, read: () => Promise.reject(failure('misconfigured')) } });
    expect([await attempt('print'), ran]).toEqual(['misconfigured', []]);
    await expect(left()).rejects.toMatchObject({ code: 'misconfigured' });
  });

  it('does not hide that it is misconfigured when a refusal is written', async () => {
    const { join, memory } = setUp();
    const readOnly: Store = {
      read: memory.read,
      write: (key, ...rest) => (key === KEY ? Promise.reject(failure('misconfigured')) : memory.write(key, ...rest)),
    };
    expect(await join({ via: readOnly }).attempt('print', wrong)).toBe('misconfigured');
  });

  describe('with `whenStoreIsDown: refuse`', () => {
    it('tries no secret that this process has not seen accepted', async () => {
      const { join } = setUp();
      const one = join({ whenStoreIsDown: 'refuse' });
      one.unplug();
      expect([await one.attempt('print'), one.ran]).toEqual(['store_unavailable', []]);
      await expect(one.raw(idle('print'))).rejects.toMatchObject({
        message: 'The store that remembers refused secrets is down, so this secret, not yet accepted, was not sent. Check the store.',
        provider: 'acme',
        operation: 'token',
      });
    });

    it('goes on with one that it has seen accepted, by itself or in the store', async () => {
      const { join } = setUp();
      const [one, other] = [join({ whenStoreIsDown: 'refuse' }), join({ whenStoreIsDown: 'refuse' })];
      await one.attempt('print');
      await other.left();
      for (const process of [one, other]) {
        process.unplug();
        expect(await process.attempt('print')).toBe('token');
        expect(await process.attempt('another')).toBe('store_unavailable');
      }
    });

    it('tries no further once the vendor has refused what it had accepted', async () => {
      const { join } = setUp();
      const one = join({ whenStoreIsDown: 'refuse' });
      await one.attempt('print');
      one.unplug();
      expect(await one.attempt('print', wrong)).toBe('invalid_credentials');
      expect(await one.attempt('print')).toBe('invalid_credentials');
      expect(one.ran).toHaveLength(2);
    });

    it('tries as usual while the store is up', async () => {
      const one = setUp().join({ whenStoreIsDown: 'refuse' });
      expect(await one.attempt('print')).toBe('token');
    });
  });
});
