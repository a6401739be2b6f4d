import { describe, expect, it } from 'vitest';
import { engineContext, failure } from '../../test/engine-context.ts';
import { pending } from '../../test/pending.ts';
import { newOwners, outcomeOf } from '../../test/shared-entry.ts';
import { steppingClock } from '../../test/stepping-clock.ts';
import type { Store } from '../index.ts';
import { AuthError, memoryStore } from '../index.ts';
import { fakeClock } from '../testing/index.ts';
import { type AccountRecord, NOTHING_KNOWN, type Refusal } from './account-record.ts';
import type { Attempt } from './attempt.ts';
import type { EngineContext } from './context.ts';
import { CredentialGuard } from './credential-guard.ts';
import { isRefused } from './engine-errors.ts';
import { Guard, guarded } from './guard.ts';
import { ownRecords } from './own-account.ts';
import type { Renewal } from './renewal.ts';
import { StoredRecords } from './shared/stored-account.ts';
import { Subject } from './subject.ts';

const KEY = 'account';
const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;

type Report = EngineContext['report'];

/** What a guard answers, as text, and what it ran and told. */
const observed = (create: (report: Report) => CredentialGuard) => {
  const told: string[] = [];
  const ran: string[] = [];
  const guard = create((_, event) => {
    if (event) told.push(event.type === 'refused' ? event.code : event.type);
  });
  const attempt = async (
    fingerprint: string,
    answer: AuthError | (() => Promise<string>) = async () => 'token',
    signal: AbortSignal = new AbortController().signal,
  ): Promise<string> => {
    try {
      return await guard.attempt({
        id: 'subject',
        fingerprint: () => fingerprint,
        signal,
        run: async () => {
          ran.push(fingerprint);
          if (typeof answer === 'function') return answer();
          throw answer;
        },
      });
    } catch (error) {
      return AuthError.is(error) ? error.code : String(error);
    }
  };
  return {
    raw: (plan: Attempt<string>) => guard.attempt(plan),
    left: () => guard.left(),
    reset: () => guard.reset(),
    attempt,
    ran,
    told,
  };
};

/** Where a guard without a store keeps its record. */
const own = () => {
  const shared = { account: ownRecords() };
  return async () => shared;
};

/** A guard without a store. */
const alone = () => observed((report) => new CredentialGuard(engineContext(fakeClock(), report), own(), () => ''));

interface Membership {
  readonly via?: Store;
  readonly whenStoreIsDown?: 'serve' | 'refuse';
}

/** Processes that share a store, each of which can lose sight of it. */
const setUp = () => {
  const clock = steppingClock(0);
  const memory = memoryStore({ clock });
  const join = ({ via = memory, whenStoreIsDown = 'serve' }: Membership = {}) => {
    let isDown = false;
    const down = (): Promise<never> => Promise.reject(failure('store_unavailable'));
    const store: Store = {
      read: (key) => (isDown ? down() : via.read(key)),
      write: (...call) => (isDown ? down() : via.write(...call)),
    };
    const create = (report: Report): CredentialGuard => {
      const context = engineContext(clock, report);
      const account = new StoredRecords(context, { store, key: KEY, clock, owners: newOwners(), whenStoreIsDown });
      return new CredentialGuard(
        context,
        async () => ({ account }),
        () => '',
      );
    };
    return {
      ...observed(create),
      unplug: () => {
        isDown = true;
      },
      plug: () => {
        isDown = false;
      },
    };
  };
  /** Record and lease, as they are in the store. */
  const stored = async (): Promise<readonly [unknown, unknown]> => {
    const [, [record = null] = [], lease = null] = JSON.parse((await memory.read(KEY))?.value ?? '[]');
    return [record, lease];
  };
  /** The names of what is accepted, closed and paused in the store, and how much has begun. */
  const summary = async (): Promise<readonly string[]> => {
    const [record] = await stored();
    const { accepted, closed, paused, begun } = Object(record ?? NOTHING_KNOWN);
    return [
      ...accepted.map((row: Row) => `${row.fingerprint} accepted`),
      ...closed.map((row: Row) => `${row.refusal?.fingerprint} closed`),
      ...paused.map((row: Row) => `${row.refusal?.fingerprint} paused`),
      ...(begun.length > 0 ? [`${begun.length} begun`] : []),
    ];
  };
  return { clock, memory, join, stored, summary };
};

interface Row {
  readonly fingerprint?: string;
  readonly refusal?: { readonly fingerprint: string };
}

/** The vendor's own word. */
const wrong = failure('invalid_credentials', { vendorCode: '10001' });
/** A failure of one user, which says nothing about the credentials of the account. */
const unknownUser = failure('not_found');

const refusalOf = (fingerprint: string): Refusal => ({
  fingerprint,
  code: 'locked',
  message: 'The vendor says locked.',
  status: undefined,
  vendorCode: undefined,
});

/** A record in a store. */
const text = (record: Partial<Record<keyof AccountRecord, unknown>>, lease: string | null = null): string =>
  JSON.stringify([2, [{ ...NOTHING_KNOWN, ...record }], lease]);
const THEIRS = { closed: [{ refusal: refusalOf('theirs'), counts: 1 }] };

/** A plan that must not be carried out. */
const idle = (fingerprint: string): Attempt<string> => ({
  id: 'subject',
  fingerprint: () => fingerprint,
  signal: new AbortController().signal,
  run: () => expect.fail('ran'),
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
  ['without a store', alone],
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

  it.each(['invalid_credentials', 'locked'] as const)(
    'never tries credentials again that were refused as %s, and says so once',
    async (code) => {
      const { attempt, ran, told, left } = create();
      expect(await attempt('print', failure(code))).toBe(code);
      for (let round = 0; round < 5; round += 1) expect(await attempt('print')).toBe(code);
      expect([ran, told, await left()]).toEqual([['print'], [code], 2]);
    },
  );

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
    const lefts = [await left()];
    for (const print of ['one', 'two', 'three']) {
      expect(await attempt(print, wrong)).toBe('invalid_credentials');
      lefts.push(await left());
    }
    expect(lefts).toEqual([3, 2, 1, 0]);
    expect(told).toEqual(['invalid_credentials', 'invalid_credentials', 'invalid_credentials', 'guard_tripped']);
    expect(await attempt('four')).toBe('attempts_exhausted');
    // What is known about the secret itself counts more.
    expect(await attempt('two')).toBe('invalid_credentials');
    expect(ran).toEqual(['one', 'two', 'three']);
  });

  it('says what to do when the budget is spent', async () => {
    const guard = create();
    for (const print of ['one', 'two', 'three']) await guard.attempt(print, wrong);
    await expect(guard.raw(idle('four'))).rejects.toMatchObject({
      message:
        'acme was asked with 3 secrets that it did not accept. No more will be sent, to avoid locking the account. Fix the secret, then call reset().',
      code: 'attempts_exhausted',
      provider: 'acme',
      operation: 'token',
    });
  });

  it('has the whole budget again after a success, and still does not send what was refused before', async () => {
    const { attempt, ran, left } = create();
    await attempt('one', wrong);
    await attempt('two', wrong);
    expect(await attempt('three')).toBe('token');
    expect(await left()).toBe(3);
    expect(await attempt('one')).toBe('invalid_credentials');
    expect(ran).toEqual(['one', 'two', 'three']);
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
    const { attempt, told } = create();
    expect(await attempt('print', wrong).then(() => [...told])).toEqual(['invalid_credentials']);
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
    expect([told.slice(2), await left()]).toEqual([['invalid_credentials', 'guard_tripped', 'invalid_credentials'], 0]);
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

  it('lets the next attempt go when one came to nothing that is about all', async () => {
    const { attempt, ran } = create();
    const answers = [pending(), pending(), pending()];
    const calls = answers.map(({ result }) => attempt('print', () => result));
    await settled();
    for (const [index, { fail }] of answers.entries()) {
      expect(ran).toHaveLength(index + 1);
      fail(unknownUser);
      await settled();
    }
    expect(await Promise.all(calls)).toEqual(['not_found', 'not_found', 'not_found']);
  });

  it.each([
    ['timeout', 1],
    ['unavailable', 1],
    ['rate_limited', 1],
    ['invalid_response', 1],
    ['region_blocked', 1],
    ['not_found', 3],
    ['forbidden', 3],
    ['outcome_unknown', 3],
  ] as const)('answers all who wait with %s after this many attempts: %d', async (code, expected) => {
    const { attempt, ran } = create();
    const first = pending();
    const calls = Array.from({ length: 3 }, () => attempt('print', () => first.result));
    await settled();
    first.fail(failure(code));
    expect(await Promise.all(calls)).toEqual([code, code, code]);
    expect(ran).toHaveLength(expected);
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

describe('an attempt that waits for others in its process', () => {
  it('waits no longer than one question takes, however many go before it', async () => {
    const clock = steppingClock(0);
    const guard = new CredentialGuard(engineContext(clock), own(), () => '');
    const slow = () => new Promise<string>((_, reject) => void clock.after(20_000, () => reject(unknownUser)));
    const signal = new AbortController().signal;
    const outcomes = [slow, slow, slow].map((run) => outcomeOf(guard.attempt({ id: 'subject', signal, run })));
    await clock.settle(29_999);
    expect(outcomes[2]?.()).toBe('none yet');
    await clock.settle(1);
    expect(outcomes[2]?.()).toBe('rejected: Nobody found out within 30 s whether these credentials are accepted. Try again.');
  });

  it('takes the answer that is here when its process has stood still beyond every deadline', async () => {
    const clock = fakeClock();
    const guard = new CredentialGuard(engineContext(clock), own(), () => '');
    const signal = new AbortController().signal;
    const { result, succeed } = pending();
    let runs = 0;
    const run = (): Promise<string> => {
      runs += 1;
      return result;
    };
    const first = guard.attempt({ id: 'subject', signal, run });
    await settled();
    clock.advance(40_000);
    const second = guard.attempt({ id: 'subject', signal, run });
    await settled();
    expect(runs).toBe(1);
    succeed('first');
    await clock.settle(1_000);
    expect([await first, await second, runs]).toEqual(['first', 'first', 2]);
  });

  it('takes over from one that is gone', async () => {
    const clock = fakeClock();
    const guard = new CredentialGuard(engineContext(clock), own(), () => '');
    const signal = new AbortController().signal;
    void guard.attempt({ id: 'subject', signal, run: () => pending().result });
    await settled();
    clock.advance(40_000);
    const attempts = ['second', 'third'].map((outcome) => guard.attempt({ id: 'subject', signal, run: async () => outcome }));
    await clock.settle(1_000);
    expect(await Promise.all(attempts)).toEqual(['second', 'third']);
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
    expect(await stored()).toEqual([{ ...NOTHING_KNOWN, accepted: [{ fingerprint: 'print', at: 0 }] }, null]);
    const before = await memory.read(KEY);
    await one.attempt('print');
    await join().attempt('print');
    expect(await memory.read(KEY)).toEqual(before);
  });

  it('is not written by a failure with accepted credentials, unless the vendor asks to wait', async () => {
    const { join, memory, stored } = setUp();
    const { attempt, raw } = join();
    await attempt('print');
    const before = await memory.read(KEY);
    await attempt('print', failure('unavailable', { retryAfter: 5_000 }));
    await attempt('print', failure('rate_limited'));
    expect(await memory.read(KEY)).toEqual(before);
    await attempt('print', failure('rate_limited', { retryAfter: 5_000 }));
    expect(await stored()).toMatchObject([{ notBefore: { at: 5_000, span: 5_000 } }, null]);
    await expect(raw(idle('print'))).rejects.toMatchObject({
      message: 'acme asked to wait, so nothing was sent. Try again in 5 s.',
      code: 'rate_limited',
      retryAfter: 5_000,
    });
  });

  it('says when one more secret is sent, if attempts without outcome have spent the budget', async () => {
    const { join, memory } = setUp();
    await memory.write(KEY, text({ begun: ['1', '2', '3'].map((id) => ({ id, until: { at: 60 * MINUTE, span: 60 * MINUTE } })) }));
    await expect(join().raw(idle('print'))).rejects.toMatchObject({
      message: expect.stringContaining('No more will be sent before one more in 3600 s, to avoid'),
      code: 'attempts_exhausted',
      retryAfter: 60 * MINUTE,
    });
  });

  /** A guard whose reads are counted. */
  const counted = () => {
    const { join, memory } = setUp();
    let reads = 0;
    const read: Store['read'] = (key) => {
      reads += 1;
      return memory.read(key);
    };
    return { attempt: join({ via: { write: memory.write, read } }).attempt, reads: () => reads };
  };

  it('is read once for each use of accepted credentials', async () => {
    const { attempt, reads } = counted();
    await attempt('print');
    const before = reads();
    await attempt('print');
    expect(reads() - before).toBe(1);
  });

  it('is read twice for each of many who wait for each other, however many they are', async () => {
    const { attempt, reads } = counted();
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => attempt('print', unknownUser)));
    expect(new Set(outcomes)).toEqual(new Set(['not_found']));
    expect(reads()).toBe(600);
  });

  it('holds what was refused, with what the vendor said, for ever', async () => {
    const { join, stored, clock } = setUp();
    const { attempt } = join();
    await attempt('one', failure('invalid_credentials', { status: 401, vendorCode: '10023', requestId: 'r1' }));
    await attempt('two', failure('locked'));
    clock.advance(YEAR);
    const [record] = await stored();
    expect(record).toMatchObject({
      closed: [
        {
          refusal: {
            fingerprint: 'one',
            code: 'invalid_credentials',
            message: 'The vendor says invalid_credentials.',
            status: 401,
            vendorCode: '10023',
          },
        },
        { refusal: { fingerprint: 'two', code: 'locked', message: 'The vendor says locked.' } },
      ],
    });
    expect(JSON.stringify(record)).not.toContain('r1');
  });

  it.each([
    '[2,[null,[["theirs","locked","m",null,null]]],null]',
    '[2,[7],null]',
    text({ ...THEIRS, accepted: undefined }),
    text({ ...THEIRS, closed: undefined }),
    text({ ...THEIRS, paused: undefined }),
    text({ ...THEIRS, begun: undefined }),
    text({ ...THEIRS, notBefore: undefined }),
    text({ ...THEIRS, resets: undefined }),
    text(THEIRS).replace('"closed":[', '"closed":[7,'),
    text(THEIRS).replace('"closed":[', '"closed":[null,'),
    text(THEIRS).replace('"message"', '"text"'),
    text(THEIRS).replace('"code"', '"reason"'),
    text(THEIRS).replace('"theirs"', '7'),
    text(THEIRS).replace('"counts":1', '"counts":true'),
    text(THEIRS).replace('"accepted":[', '"accepted":[{"fingerprint":7,"at":0}'),
    text(THEIRS).replace('"accepted":[', '"accepted":[{"fingerprint":"good"}'),
    text(THEIRS).replace('"begun":[', '"begun":[{"id":7,"until":{"at":1,"span":1}}'),
    text(THEIRS).replace('"begun":[', '"begun":[{"id":"1"}'),
    text(THEIRS).replace('"begun":[', '"begun":[{"id":"1","until":{"at":1}}'),
    text(THEIRS).replace('"paused":[', '"paused":[{"probes":0,"most":3,"counts":1,"until":{"at":1,"span":1}}'),
    ...['"probes":0', '"most":3', '"counts":1', '"until":{"at":1,"span":1}'].map((part) =>
      text(THEIRS).replace(
        '"paused":[',
        `"paused":[{"refusal":${JSON.stringify(refusalOf('other'))},"probes":0,"most":3,"counts":1,"until":{"at":1,"span":1}}`.replace(
          part,
          '"x":0',
        ),
      ),
    ),
  ])('is none when it is %s: then nothing is sent, and it is left as it is', async (value) => {
    const { join, memory } = setUp();
    await memory.write(KEY, value);
    const { attempt, ran } = join();
    expect([await attempt('print'), ran, (await memory.read(KEY))?.value]).toEqual(['misconfigured', [], value]);
  });

  it('loses nothing when another process writes at the same moment', async () => {
    const { join, memory, summary, stored } = setUp();
    let races = 3;
    const racing: Store = {
      read: memory.read,
      write: async (key, value, options) => {
        const [record, lease] = await stored();
        // While the secret is tried. Whoever changes the record leaves the lease.
        if (typeof lease === 'string' && races > 0) {
          races -= 1;
          await memory.write(key, text({ ...Object(record), ...THEIRS, resets: races }, lease));
        }
        return memory.write(key, value, options);
      },
    };
    const { attempt } = join({ via: racing });
    expect(await attempt('mine', wrong)).toBe('invalid_credentials');
    expect(races).toBe(0);
    expect(await summary()).toEqual(['theirs closed', 'mine closed']);
  });

  it('is made only where there is none', async () => {
    const { join, memory, summary, clock } = setUp();
    let isRaced = false;
    const racing: Store = {
      read: memory.read,
      write: async (key, value, options) => {
        if (!isRaced) {
          isRaced = true;
          await memory.write(key, text(THEIRS));
        }
        return memory.write(key, value, options);
      },
    };
    const attempt = join({ via: racing }).attempt('mine', wrong);
    await clock.settle(100);
    expect(await attempt).toBe('invalid_credentials');
    expect(await summary()).toEqual(['theirs closed', 'mine closed']);
  });

  it('lets nothing be sent any more by a process that could not write a refusal into it, whatever is wrong with the store', async () => {
    const { join, memory, summary } = setUp();
    let isBroken = true;
    const broken: Store = { read: memory.read, write: async (...call) => (isBroken ? undefined : memory.write(...call)) };
    await memory.write(KEY, text({ accepted: [{ fingerprint: 'mine', at: -YEAR }] }));
    const { attempt, ran } = join({ via: broken });
    for (let round = 0; round < 3; round += 1) expect(await attempt('mine', wrong)).toBe('misconfigured');
    isBroken = false;
    expect([await attempt('mine'), ran, await summary()]).toEqual(['invalid_credentials', ['mine'], ['mine closed']]);
  });

  it('is made again, with all that this process knows, where the store lost it', async () => {
    const { join, memory, stored, summary } = setUp();
    const one = join();
    await one.attempt('one', wrong);
    await memory.write(KEY, undefined);
    expect([await one.left(), await one.attempt('one')]).toEqual([2, 'invalid_credentials']);
    expect(await stored()).toEqual([null, null]);
    await one.attempt('two', wrong);
    expect(await summary()).toEqual(['one closed', 'two closed']);
    expect(await one.left()).toBe(1);
  });

  it('stays after a reset, empty, so that the others learn of it', async () => {
    const { join, stored } = setUp();
    const [one, other] = [join(), join()];
    await one.attempt('one', wrong);
    expect(await other.left()).toBe(2);
    await one.reset();
    expect(await stored()).toEqual([{ ...NOTHING_KNOWN, resets: 1 }, null]);
    expect(await other.left()).toBe(3);
  });

  it('holds the lease of the process that tries a secret: one write takes it, and the outcome gives it back', async () => {
    const { join, memory, stored, summary } = setUp();
    const seen: unknown[] = [];
    const recording: Store = {
      read: memory.read,
      write: async (key, value, options) => {
        const version = await memory.write(key, value, options);
        const [, lease] = await stored();
        seen.push([...(await summary()), lease]);
        return version;
      },
    };
    await join({ via: recording }).attempt('one', wrong);
    await join({ via: recording }).attempt('two');
    expect(seen).toEqual([
      ['1 begun', expect.any(String)],
      ['one closed', null],
      ['one closed', '1 begun', expect.any(String)],
      ['two accepted', 'one closed', null],
    ]);
  });

  it('is written without the lease by a process that has lost it, over what the others wrote', async () => {
    const { join, memory, summary, stored, clock } = setUp();
    const one = join();
    const answer = pending();
    const call = one.attempt('mine', () => answer.result);
    await clock.settle(0);
    await memory.write(KEY, text(THEIRS, 'thief'));
    answer.fail(wrong);
    expect(await call).toBe('invalid_credentials');
    expect(await summary()).toEqual(['theirs closed', 'mine closed']);
    expect(await stored()).toEqual([expect.anything(), 'thief']);
  });

  it('is not replaced by an empty one, where the store lost it, by a process whose attempt comes to nothing', async () => {
    const { join, memory } = setUp();
    const [one, other] = [join(), join()];
    await one.attempt('one', wrong);
    await memory.write(KEY, undefined);
    await other.attempt('two', unknownUser);
    expect([await one.attempt('one'), one.ran]).toEqual(['invalid_credentials', ['one']]);
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
    expect(processes.flatMap(({ told }) => told)).toEqual([
      'invalid_credentials',
      'invalid_credentials',
      'invalid_credentials',
      'guard_tripped',
    ]);
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

  it('try one after the other while it comes to nothing', async () => {
    const { join, clock, stored } = setUp();
    const processes = Array.from({ length: 3 }, () => join());
    const calls = processes.map(({ attempt }) => attempt('print', unknownUser));
    await clock.settle(99);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(1);
    await clock.settle(201);
    expect(await Promise.all(calls)).toEqual(['not_found', 'not_found', 'not_found']);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(3);
    expect([await join().left(), await stored()]).toEqual([3, [null, null]]);
  });

  it('share a failure that is about all, without another attempt', async () => {
    const { join, clock } = setUp();
    const first = pending();
    const processes = Array.from({ length: 3 }, () => join());
    const calls = processes.map(({ attempt }) => attempt('print', () => first.result));
    await clock.settle(250);
    first.fail(failure('unavailable'));
    await clock.settle(200);
    expect(await Promise.all(calls)).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(1);
  });

  it('try different secrets one at a time too, so that the budget is never overdrawn, and say once that it is spent', async () => {
    const { join, clock } = setUp();
    const processes = Array.from({ length: 6 }, () => join());
    const calls = processes.map(({ attempt }, index) => attempt(`v${index}`, wrong));
    await clock.settle(1_000);
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => outcome === 'invalid_credentials')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'attempts_exhausted')).toHaveLength(3);
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(3);
    expect(processes.flatMap(({ told }) => told).filter((type) => type === 'guard_tripped')).toHaveLength(1);
  });

  it('wait for another one’s attempt as long as one question takes', async () => {
    const { join, clock } = setUp();
    void join().attempt('print', () => pending().result);
    await clock.settle(0);
    const { attempt, ran } = join();
    let outcome = 'none yet';
    void attempt('print').then((answer) => {
      outcome = answer;
    });
    await clock.settle(29_999);
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

describe('a probe of credentials that rest', () => {
  /** Two processes, one of which probes credentials that had been accepted, and waits for the answer. */
  const probing = async () => {
    const world = setUp();
    const [one, other] = [world.join(), world.join()];
    await one.attempt('print');
    await world.clock.settle(20 * MINUTE);
    await one.attempt('print', failure('invalid_credentials'));
    await world.clock.settle(MINUTE);
    const answer = pending();
    const call = one.attempt('print', () => answer.result);
    await world.clock.settle(0);
    expect(one.ran).toHaveLength(3);
    return { ...world, one, other, call, answer };
  };

  it('that says nothing about them does not undo a reset meanwhile', async () => {
    const { call, answer, other, summary } = await probing();
    await other.reset();
    answer.fail(failure('unavailable'));
    expect([await call, await summary()]).toEqual(['unavailable', []]);
    expect(await other.attempt('print')).toBe('token');
  });

  it('lets nobody wait who came while it was being written down', async () => {
    const { join, clock } = setUp();
    const { attempt } = join();
    await attempt('print');
    await clock.settle(20 * MINUTE);
    await attempt('print', failure('invalid_credentials'));
    await clock.settle(MINUTE);
    const answer = pending();
    const probe = attempt('print', () => answer.result);
    expect(await attempt('print')).toBe('invalid_credentials');
    answer.succeed('token');
    expect(await probe).toBe('token');
  });

  it('lets nobody wait in this process either: others get the refusal with the next pause', async () => {
    const { one, other, call, answer } = await probing();
    for (const { raw } of [one, other])
      await expect(raw(idle('print'))).rejects.toMatchObject({
        message: 'The vendor says invalid_credentials. These credentials had been accepted, so they are tried again in 600 s.',
        code: 'invalid_credentials',
        retryAfter: 10 * MINUTE,
      });
    answer.succeed('token');
    expect([await call, await other.attempt('print')]).toEqual(['token', 'token']);
  });

  it('says once that the budget is spent, if it spends the last of it', async () => {
    const { one, clock, call, answer } = await probing();
    answer.fail(failure('invalid_credentials'));
    await call;
    await clock.settle(10 * MINUTE);
    const before = one.told.length;
    expect(await one.attempt('print', failure('invalid_credentials'))).toBe('invalid_credentials');
    expect(one.told.slice(before)).toEqual(['invalid_credentials', 'guard_tripped']);
    await clock.settle(60 * MINUTE);
    await one.attempt('print', failure('invalid_credentials'));
    expect(one.told.filter((type) => type === 'guard_tripped')).toHaveLength(1);
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
    expect(await summary()).toEqual(['theirs closed', 'one closed', 'two closed']);
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
    expect([await one.left(), await stored()]).toEqual([3, [{ ...NOTHING_KNOWN, resets: 1 }, null]]);
  });

  it('is told of a refusal once, though it has carried out what it did not answer', async () => {
    const { join, memory, summary } = setUp();
    let isLosing = false;
    const losing: Store = {
      read: memory.read,
      write: async (...call) => {
        const version = await memory.write(...call);
        if (isLosing) throw failure('store_unavailable');
        return version;
      },
    };
    const { attempt, left } = join({ via: losing });
    const refuse = () => {
      isLosing = true;
      return Promise.reject(wrong);
    };
    expect(await attempt('print', refuse)).toBe('invalid_credentials');
    isLosing = false;
    expect([await left(), await summary()]).toEqual([2, ['print closed']]);
  });

  it('is told of a refusal that is older than an acceptance elsewhere, and then the credentials are tried once more', async () => {
    const { join, clock } = setUp();
    const [one, other] = [join(), join()];
    await one.attempt('print');
    await clock.settle(20 * MINUTE);
    one.unplug();
    await one.attempt('print', failure('locked'));
    await other.attempt('print', failure('locked'));
    await other.reset();
    await clock.settle(20 * MINUTE);
    expect(await other.attempt('print')).toBe('token');
    await clock.settle(20 * MINUTE);
    one.plug();
    await one.left();
    expect([await other.attempt('print'), await one.attempt('print')]).toEqual(['token', 'token']);
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
    expect(await summary()).toEqual(['one closed', 'two closed']);
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

  it('goes down while a secret is tried without an outage, and is told of the refusal later', async () => {
    const { join, summary, clock } = setUp();
    const one = join();
    const answer = pending();
    const call = one.attempt('one', () => answer.result);
    await clock.settle(0);
    one.unplug();
    answer.fail(wrong);
    expect(await call).toBe('invalid_credentials');
    one.plug();
    expect(await one.attempt('one')).toBe('invalid_credentials');
    expect(await summary()).toEqual(['one closed']);
    // Nobody waits for the lease that it could not give back.
    expect([await one.attempt('two'), one.ran]).toEqual(['token', ['one', 'two']]);
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
    let writes = 0;
    const failing: Store = {
      read: memory.read,
      write: (...call) => {
        writes += 1;
        return writes > 1 ? Promise.reject(failure('misconfigured')) : memory.write(...call);
      },
    };
    expect(await join({ via: failing }).attempt('print', wrong)).toBe('misconfigured');
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

describe('credentials that may change', () => {
  /** A guard whose credentials are those that `current` answers. */
  const guardOf = (current: (() => string | Promise<string>) | undefined) => {
    const clock = steppingClock(0);
    const guard = new CredentialGuard(engineContext(clock), own(), current);
    const ran: string[] = [];
    const attempt = (run: () => Promise<string>, signal: AbortSignal = new AbortController().signal) =>
      guard.attempt({ id: 'subject', signal, run }).catch((error: unknown) => (AuthError.is(error) ? error.code : String(error)));
    return { clock, guard, ran, attempt };
  };

  it('are read again after a refusal, and tried once more if they have changed', async () => {
    let secret = 'old';
    const { attempt, guard } = guardOf(() => secret);
    const sent: string[] = [];
    const run = async () => {
      sent.push(secret);
      if (secret === 'new') return 'token';
      secret = 'new';
      throw wrong;
    };
    expect([await attempt(run), sent]).toEqual(['token', ['old', 'new']]);
    expect(await guard.left()).toBe(3);
  });

  it('are not read again after any other failure', async () => {
    let reads = 0;
    const { attempt } = guardOf(() => {
      reads += 1;
      return `secret ${reads}`;
    });
    expect([await attempt(() => Promise.reject(failure('unavailable'))), reads]).toEqual(['unavailable', 1]);
  });

  it('end with the budget if they are others each time', async () => {
    let reads = 0;
    const { attempt, guard } = guardOf(() => {
      reads += 1;
      return `secret ${reads}`;
    });
    expect([await attempt(() => Promise.reject(wrong)), reads, await guard.left()]).toEqual(['attempts_exhausted', 4, 0]);
  });

  it('all count as the same where nothing tells them apart, and then nobody knows how many are left', async () => {
    const { attempt, guard } = guardOf(undefined);
    expect(await guard.left()).toBeNull();
    expect(await attempt(() => Promise.reject(wrong))).toBe('invalid_credentials');
    expect(await attempt(() => expect.fail('ran'))).toBe('invalid_credentials');
  });

  it('have 30 s to come from a secret manager', async () => {
    const { attempt, clock } = guardOf(() => pending().result);
    let outcome = 'none yet';
    void attempt(() => expect.fail('ran')).then((answer) => {
      outcome = answer;
    });
    await clock.settle(29_999);
    expect(outcome).toBe('none yet');
    await clock.settle(1);
    expect(outcome).toBe('timeout');
  });

  it('are waited for no longer than the signal', async () => {
    const { attempt, clock } = guardOf(() => pending().result);
    const controller = new AbortController();
    const call = attempt(() => expect.fail('ran'), controller.signal);
    await clock.settle(100);
    controller.abort(failure('aborted'));
    expect(await call).toBe('aborted');
  });
});

describe('a failure that comes when nobody waits any more', () => {
  it.each([
    ['counts if it is a refusal', wrong, 2],
    ['does not count if it is not', failure('unavailable'), 3],
  ])('%s', async (_, cause, expected) => {
    const { raw, left, told } = alone();
    let failedLate: (cause: unknown) => void = () => {};
    const run: Attempt<string>['run'] = async (next) => {
      failedLate = next;
      throw failure('aborted');
    };
    await expect(raw({ ...idle('print'), run })).rejects.toMatchObject({ code: 'aborted' });
    failedLate(cause);
    await settled();
    expect([await left(), told.length]).toEqual([expected, 3 - expected]);
  });

  it('takes no token away if it cannot be written down, but nothing is sent after it', async () => {
    const { join, memory } = setUp();
    const { raw, attempt, ran } = join({ via: { read: memory.read, write: () => Promise.reject(failure('misconfigured')) } });
    await memory.write(KEY, text({ accepted: [{ fingerprint: 'print', at: 0 }] }));
    const run: Attempt<string>['run'] = async (failedLate) => {
      failedLate(wrong);
      return 'token';
    };
    expect(await raw({ ...idle('print'), run })).toBe('token');
    await settled();
    expect([await attempt('print'), ran]).toEqual(['misconfigured', []]);
  });
});

describe('an attempt that was given up', () => {
  /** A guard on this clock, without a store, and how many timers it has. */
  const onClock = () => {
    const clock = fakeClock();
    let timers = 0;
    const after: typeof clock.after = (milliseconds, run, how) => {
      timers += 1;
      const cancel = clock.after(
        milliseconds,
        () => {
          timers -= 1;
          run();
        },
        how,
      );
      let isOver = false;
      return () => {
        if (!isOver) timers -= 1;
        isOver = true;
        cancel();
      };
    };
    return {
      clock,
      timers: () => timers,
      ...observed((report) => new CredentialGuard(engineContext({ ...clock, after }, report), own(), () => '')),
    };
  };

  it('ends a moment later if it ignores its signal, and its refusal counts when it comes', async () => {
    const { clock, raw, left, told } = onClock();
    const { result, fail } = pending();
    const controller = new AbortController();
    const given = raw({ ...idle('print'), signal: controller.signal, run: () => result }).catch((error: unknown) => error);
    await settled();
    controller.abort(failure('aborted'));
    let isOver = false;
    given.then(() => {
      isOver = true;
    });
    await clock.settle(249);
    expect(isOver).toBe(false);
    await clock.settle(1);
    expect(await given).toMatchObject({ code: 'aborted' });
    fail(wrong);
    await settled();
    expect([await left(), told]).toEqual([2, ['invalid_credentials']]);
  });

  it('says itself how it ended if it stops at once', async () => {
    const { raw } = onClock();
    const controller = new AbortController();
    const run = () =>
      new Promise<string>((_, reject) => {
        controller.signal.addEventListener('abort', () => reject(failure('outcome_unknown')));
      });
    const given = raw({ ...idle('print'), signal: controller.signal, run }).catch((error: unknown) => error);
    await settled();
    controller.abort(failure('aborted'));
    expect(await given).toMatchObject({ code: 'outcome_unknown' });
  });

  it('leaves neither a timer nor a listener, however it ends', async () => {
    const { raw, timers, clock } = onClock();
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = { added: 0, removed: 0 };
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = ((...call: Parameters<typeof add>) => {
      listeners.added += 1;
      add(...call);
    }) as typeof add;
    signal.removeEventListener = ((...call: Parameters<typeof remove>) => {
      listeners.removed += 1;
      remove(...call);
    }) as typeof remove;
    await raw({ ...idle('print'), signal, run: async () => 'token' });
    await raw({ ...idle('other'), signal, run: () => Promise.reject(failure('not_found')) }).catch(() => {});
    await settled();
    expect(listeners.added).toBeGreaterThan(0);
    expect(listeners.removed).toBeGreaterThanOrEqual(listeners.added);
    expect(timers()).toBe(0);
    const slow = raw({ ...idle('print'), signal, run: () => new Promise(() => {}) }).catch(() => 'given up');
    await settled();
    controller.abort();
    await clock.settle(250);
    expect([await slow, timers()]).toEqual(['given up', 0]);
  });
});

describe('the guard before the source', () => {
  it('reports under the id of the renewal, and lets the source add to it', async () => {
    const reported: (readonly [string, string | undefined])[] = [];
    const context = engineContext(fakeClock(), (id, event) => {
      reported.push([id, event?.type]);
    });
    const guard = new Guard(context, own());
    const renewal: Renewal = {
      id: 'subject',
      subject: new Subject(),
      flight: { signal: new AbortController().signal, isAwaited: () => true, moves: () => {} },
      refresh: { refreshToken: null, saveRefreshToken: async () => {} },
      failedLate: () => {},
    };
    const seen: Renewal[] = [];
    const refused = guarded(guard)(async (next) => {
      seen.push(next);
      next.failedLate(wrong);
      throw failure('aborted');
    })(renewal);
    await expect(refused).rejects.toMatchObject({ code: 'aborted' });
    await settled();
    expect(seen).toEqual([{ ...renewal, failedLate: expect.any(Function) }]);
    expect(reported).toEqual([['subject', 'refused']]);
  });
});
