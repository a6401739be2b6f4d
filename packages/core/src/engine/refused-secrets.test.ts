import { describe, expect, it } from 'vitest';
import { hashAtOnce, steppingClock } from '../../test/stepping-clock.ts';
import type { AuthErrorCode, AuthErrorFacts, Store } from '../index.ts';
import { AuthError, memoryStore } from '../index.ts';
import { managedMany } from '../kit/managed-many.ts';
import type { FakeClock } from '../testing/index.ts';

hashAtOnce();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const failure = (code: AuthErrorCode, facts: Partial<AuthErrorFacts> = {}): AuthError =>
  new AuthError(`The vendor says ${code}.`, { provider: 'acme', operation: 'token', ...facts, code });

/** A refusal in the vendor's own words, and one that anybody on the way may have said. */
const OWN_WORD = failure('invalid_credentials', { status: 401, vendorCode: '10001' });
const NO_WORD = failure('invalid_credentials', { status: 401 });

/** A process of the account. */
interface Membership {
  readonly secret?: string;
  /** By how much its wall clock is ahead, in milliseconds. */
  readonly ahead?: number;
  readonly via?: Store | undefined;
  /** Whether something tells secrets apart. Default `true`. */
  readonly isNamed?: boolean;
}

type Answer = (secret: string, user: string) => Promise<string>;

/** A vendor that many processes ask, each with a secret of its own, and what it was asked when. */
const world = ({ store: isShared = true }: { readonly store?: boolean } = {}) => {
  const clock = steppingClock(Date.UTC(2026, 0, 1));
  const store = isShared ? memoryStore({ clock }) : undefined;
  const sent: { readonly secret: string; readonly at: number }[] = [];
  let answer: Answer = async (secret) => secret;
  const start = ({ secret = 'right', ahead = 0, via = store, isNamed = true }: Membership = {}) => {
    const process = { secret, isDead: false };
    const many = managedMany(
      (user) => ({
        token: async () => {
          sent.push({ secret: process.secret, at: clock.monotonic() });
          const value = await answer(process.secret, user);
          if (process.isDead) await new Promise(() => {});
          return { value: `${value} ${sent.length}`, issuedAt: clock.now() + ahead, expiresAt: clock.now() + ahead + 24 * HOUR };
        },
      }),
      {
        store: via,
        key: 'acme',
        clock: { ...clock, now: () => clock.now() + ahead },
        ...(isNamed ? { fingerprint: () => process.secret } : {}),
        random: () => 0,
        provider: 'acme',
      },
    );
    /** The outcome of one call: `ok` or the code, with the seconds to wait if the error says so. */
    const call = async (user: string): Promise<string> => {
      try {
        await many.of(user).token();
        return 'ok';
      } catch (error) {
        if (!AuthError.is(error)) return String(error);
        return error.retryAfter === undefined ? error.code : `${error.code} ${Math.ceil(error.retryAfter / 1000)}`;
      }
    };
    return { call, many, change: (next: string) => (process.secret = next) };
  };
  return {
    clock,
    store,
    sent,
    start,
    answers: (next: Answer) => {
      answer = next;
    },
    /** In minutes since the start, rounded. */
    sentAt: () => sent.map(({ at }) => Math.round(at / MINUTE)),
  };
};

/** What a call ends with, when time goes on. */
const ended = async (clock: FakeClock, call: Promise<string>, milliseconds = 6_000): Promise<string> => {
  let outcome = 'waits';
  call.then((value) => {
    outcome = value;
  });
  await clock.settle(milliseconds);
  return outcome;
};

describe.each([true, false])('a secret that was refused (store: %s)', (store) => {
  it('in the vendor’s own words is never sent again once it was accepted for ten minutes', async () => {
    const { clock, start, answers, sentAt } = world({ store });
    const { call } = start();
    expect(await ended(clock, call('0'), 11 * MINUTE)).toBe('ok');
    answers(() => Promise.reject(OWN_WORD));
    const outcomes: string[] = [];
    for (let user = 1; user <= 40; user += 1) outcomes.push(await ended(clock, call(`${user}`), 10 * MINUTE));
    expect(new Set(outcomes)).toEqual(new Set(['invalid_credentials']));
    expect(sentAt()).toEqual([0, 11]);
  });

  it('in the vendor’s own words minutes after it was accepted is tried once more, because nodes learn late', async () => {
    const { clock, start, answers, sentAt } = world({ store });
    const { call } = start();
    await ended(clock, call('0'), MINUTE);
    answers(() => Promise.reject(OWN_WORD));
    for (let user = 1; user <= 100; user += 1) await ended(clock, call(`${user}`), MINUTE);
    expect(sentAt()).toEqual([0, 1, 2]);
  });

  it('without a word, after it had been accepted, is tried again after 1, 10 and 60 minutes, and then no more', async () => {
    const { clock, start, answers, sentAt } = world({ store });
    const { call } = start();
    await ended(clock, call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    const first = await ended(clock, call('1'));
    expect(first).toBe('invalid_credentials');
    expect(await ended(clock, call('2'), 4_000)).toBe('invalid_credentials 54');
    for (let user = 3; user <= 300; user += 1) await ended(clock, call(`${user}`), MINUTE / 2);
    expect(sentAt()).toEqual([0, 20, 21, 31, 91]);
    expect(await ended(clock, call('301'))).toBe('invalid_credentials');
  });

  it('without a word is tried no more often where nothing tells secrets apart', async () => {
    const { clock, start, answers, sentAt } = world({ store });
    const { call } = start({ isNamed: false });
    await ended(clock, call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    for (let user = 1; user <= 300; user += 1) await ended(clock, call(`${user}`), MINUTE / 2);
    expect(sentAt()).toEqual([0, 20, 21, 31, 91]);
  });

  it('without a word works again for everybody as soon as a probe is accepted', async () => {
    const { clock, start, answers, sentAt } = world({ store });
    const { call } = start();
    await ended(clock, call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    await ended(clock, call('1'), MINUTE + 1_000);
    answers(async () => 'fine');
    expect(await ended(clock, call('2'))).toBe('ok');
    const others = Array.from({ length: 20 }, (_, user) => call(`later ${user}`));
    await clock.settle(1_000);
    expect(await Promise.all(others)).toEqual(Array(20).fill('ok'));
    expect(sentAt()).toHaveLength(23);
  });

  it('rests as long as before when a probe says nothing about it', async () => {
    const { clock, start, answers, sentAt } = world({ store });
    const { call } = start();
    await ended(clock, call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    await ended(clock, call('1'), MINUTE + 5_000);
    answers(() => Promise.reject(failure('unavailable')));
    expect(await ended(clock, call('2'), MINUTE)).toBe('unavailable');
    answers(() => Promise.reject(NO_WORD));
    for (let user = 3; user <= 40; user += 1) await ended(clock, call(`${user}`), MINUTE / 2);
    expect(sentAt()).toEqual([0, 20, 21, 22, 32]);
  });
});

describe('secrets that were never accepted', () => {
  it('are not sent after four requests in vain, with the probes of one that had been accepted', async () => {
    const { clock, start, answers, sent } = world();
    const process = start();
    await ended(clock, process.call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    for (let user = 1; user <= 200; user += 1) await ended(clock, process.call(`${user}`), MINUTE / 2);
    process.change('another');
    expect(await ended(clock, process.call('201'))).toBe('attempts_exhausted');
    expect(sent).toHaveLength(1 + 4);
  });

  it('and probes are four requests in vain at most since the last success of another', async () => {
    const { clock, start, answers, sent } = world();
    const [paused, good, other] = [start({ secret: 'paused' }), start({ secret: 'good' }), start()];
    await ended(clock, paused.call('0'), 20 * MINUTE);
    answers((secret) => (secret === 'good' ? Promise.resolve('fine') : Promise.reject(NO_WORD)));
    await ended(clock, paused.call('1'));
    expect(await ended(clock, good.call('2'))).toBe('ok');
    const before = sent.length;
    for (const secret of ['a', 'b', 'c']) {
      other.change(secret);
      await ended(clock, other.call(secret));
    }
    for (let user = 3; user <= 200; user += 1) await ended(clock, paused.call(`${user}`), MINUTE / 2);
    expect(sent.slice(before).map(({ secret }) => secret)).toEqual(['a', 'b', 'c', 'paused']);
  });

  it('are sent once in a rolling deployment whose new secret is wrong, whatever the old pods do', async () => {
    const { clock, start, answers, sent } = world();
    answers(async (secret) => (secret === 'old' ? 'fine' : Promise.reject(OWN_WORD)));
    const pods = [start({ secret: 'old' }), start({ secret: 'new' })];
    for (let user = 0; user < 40; user += 1) await ended(clock, pods[user % 2]?.call(`${user}`) ?? Promise.resolve(''));
    expect(sent.filter(({ secret }) => secret === 'new')).toHaveLength(1);
    expect(sent.filter(({ secret }) => secret === 'old')).toHaveLength(20);
  });

  it('do not make two right ones of a rotation prove themselves again and again', async () => {
    const { clock, start, store } = world();
    let operations = 0;
    const counted = <T>(operation: Promise<T> | undefined): Promise<T | undefined> => {
      operations += 1;
      return operation ?? Promise.resolve(undefined);
    };
    const counting: Store = {
      read: (key) => counted(store?.read(key)),
      write: (...call) => counted(store?.write(...call)),
    };
    const pods = [start({ secret: 'old', via: counting }), start({ secret: 'new', via: counting })];
    for (let user = 0; user < 40; user += 1) expect(await ended(clock, pods[user % 2]?.call(`${user}`) ?? Promise.resolve(''))).toBe('ok');
    expect(operations).toBeLessThanOrEqual(2 * 7 + 38 * 4 + 4);
  });
});

describe('processes that die with a request under way', () => {
  /** A process that is gone as soon as its request has arrived: nothing of it is written any more. */
  const dying = ({ start, clock, store }: ReturnType<typeof world>) => {
    const process = { isGone: false };
    const via: Store = {
      read: (key) => (process.isGone || !store ? new Promise(() => {}) : store.read(key)),
      write: (...call) => (process.isGone || !store ? new Promise(() => {}) : store.write(...call)),
    };
    const { call } = start({ via, secret: 'unlucky' });
    return { clock, call, process };
  };
  /** This many in a row, and what the last one says. */
  const killed = async (setting: ReturnType<typeof world>, count: number, pause: number): Promise<string> => {
    let last = '';
    for (let index = 0; index < count; index += 1) {
      const { call, process } = dying(setting);
      const before = setting.sent.length;
      const outcome = ended(setting.clock, call('1'), 5_000);
      setting.answers(() => {
        process.isGone = true;
        return new Promise(() => {});
      });
      last = await outcome;
      if (setting.sent.length > before) expect(last).toBe('waits');
      await setting.clock.settle(pause);
    }
    return last;
  };

  it('make three attempts, of which each counts', async () => {
    const setting = world();
    expect(await killed(setting, 6, 4_000)).toMatch(/^attempts_exhausted \d+$/);
    expect(setting.sent).toHaveLength(3);
  });

  it('make one more an hour later, and then no more', async () => {
    const setting = world();
    await killed(setting, 60, 10 * MINUTE);
    expect(setting.sent).toHaveLength(4);
    expect(await killed(setting, 1, 0)).toBe('attempts_exhausted');
  });

  it('do not lock out a secret that is right: the attempt an hour later finds out', async () => {
    const setting = world();
    await killed(setting, 4, 4_000);
    setting.answers(async () => 'fine');
    await setting.clock.settle(HOUR);
    const { call } = setting.start({ secret: 'unlucky' });
    expect(await ended(setting.clock, call('1'))).toBe('ok');
    expect(await ended(setting.clock, setting.start({ secret: 'unlucky' }).call('2'))).toBe('ok');
  });

  it('leave the next pause behind when they die in a probe, and nobody waits for them', async () => {
    const setting = world();
    const { clock, start, answers, sentAt } = setting;
    const process = start({ secret: 'unlucky' });
    await ended(clock, process.call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    await ended(clock, process.call('1'), MINUTE + 1_000);
    await killed(setting, 1, 0);
    answers(async () => 'fine');
    expect(await ended(clock, process.call('2'), 100)).toMatch(/^invalid_credentials \d+$/);
    await clock.settle(10 * MINUTE);
    expect(await ended(clock, process.call('3'))).toBe('ok');
    expect(sentAt()).toEqual([0, 20, 21, 31]);
  });
});

describe('processes whose clocks differ', () => {
  it.each([
    ['three hours ahead', 3 * HOUR, [0, 20, 20, 30, 90]],
    ['three hours behind', -3 * HOUR, [0, 20, 21, 21, 81]],
  ])('probe at most once too early: one is %s', async (_, ahead, expected) => {
    const { clock, start, answers, sentAt } = world();
    const [first, other] = [start(), start({ ahead })];
    await ended(clock, first.call('0'), 20 * MINUTE);
    answers(() => Promise.reject(NO_WORD));
    await ended(clock, first.call('1'));
    for (let user = 2; user <= 400; user += 1) await ended(clock, (user % 2 ? first : other).call(`${user}`), MINUTE / 4);
    expect(sentAt()).toEqual(expected);
  });
});

describe('the first use of a secret', () => {
  it('on a vendor that hangs answers ten users within 65 s', async () => {
    const { clock, start, answers } = world();
    answers(() => new Promise(() => {}));
    for (const processes of [[start()], [start(), start()]]) {
      const calls = Array.from({ length: 10 }, (_, user) => processes[user % processes.length]?.call(`${processes.length} ${user}`));
      await clock.settle(65_000);
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['timeout']));
    }
  });

  it('that fails for everybody answers all who wait, each with an error of its own', async () => {
    const { clock, start, answers, sent } = world();
    answers(async () => {
      await new Promise<void>((resolve) => void clock.after(5_000, resolve));
      throw failure('unavailable', { status: 503 });
    });
    const { many } = start();
    const calls = Array.from({ length: 10 }, (_, user) =>
      many
        .of(`${user}`)
        .token()
        .catch((error: unknown) => error),
    );
    await clock.settle(5_100);
    const errors = await Promise.all(calls);
    expect(errors.map((error) => AuthError.is(error) && error.code)).toEqual(Array(10).fill('unavailable'));
    expect(new Set(errors).size).toBe(10);
    expect(sent).toHaveLength(1);
  });

  it('is nothing to wait for where nothing tells secrets apart', async () => {
    const clock = steppingClock(0);
    let asked = 0;
    const many = managedMany(
      () => ({
        token: () => {
          asked += 1;
          return new Promise(() => {});
        },
      }),
      { clock },
    );
    for (let user = 0; user < 10; user += 1)
      many
        .of(`${user}`)
        .token()
        .catch(() => {});
    await clock.settle(0);
    expect(asked).toBe(10);
    await many[Symbol.asyncDispose]();
  });
});

describe('a vendor that asks to wait', () => {
  it.each([true, false])('is asked by no user of the account before, in no process (store: %s)', async (store) => {
    const { clock, start, answers, sent } = world({ store });
    const processes = store ? [start(), start()] : [start()];
    for (const [index, { call }] of processes.entries()) await ended(clock, call(`first ${index}`));
    answers(() => Promise.reject(failure('rate_limited', { status: 429, retryAfter: 60_000 })));
    const before = sent.length;
    expect(await ended(clock, processes[0]?.call('0') ?? Promise.resolve(''), 1_000)).toBe('rate_limited 60');
    for (let user = 1; user < 50; user += 1)
      expect(await ended(clock, processes[user % processes.length]?.call(`${user}`) ?? Promise.resolve(''), 1_000)).toBe(
        `rate_limited ${60 - user}`,
      );
    expect(sent).toHaveLength(before + 1);
    answers(async () => 'fine');
    await clock.settle(11_000);
    expect(await ended(clock, processes[0]?.call('50') ?? Promise.resolve(''))).toBe('ok');
  });
});
