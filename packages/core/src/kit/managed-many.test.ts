import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { hashAtOnce } from '../../test/stepping-clock.ts';
import type { Clock, ManagedOptions, Store } from '../index.ts';
import { AuthError, type AuthErrorCode, memoryStore } from '../index.ts';
import { fakeClock } from '../testing/index.ts';
import { managedMany } from './managed-many.ts';

hashAtOnce();

const HOUR = 3_600_000;
const print = { fingerprint: () => 'print' };

const errorOf = (code: AuthErrorCode, operation = 'token'): AuthError =>
  new AuthError('Refused.', { code, provider: 'acme', operation, vendorCode: '10001' });
const refusal = (): Promise<never> => Promise.reject(errorOf('invalid_credentials', 'api.create'));

const setUp = (options: ManagedOptions = {}, refuse = false) => {
  const clock = fakeClock();
  const asked: string[] = [];
  const many = managedMany(
    (id) => ({
      token: async () => {
        asked.push(id);
        if (refuse) throw errorOf('invalid_credentials');
        return { value: `${id}-${asked.length}`, issuedAt: clock.now(), expiresAt: clock.now() + 2 * HOUR };
      },
    }),
    { clock, random: () => 0, ...options },
  );
  return { clock, asked, many };
};

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const codeOf = (reason: unknown): string => (AuthError.is(reason) ? reason.code : String(reason));

describe('of', () => {
  it('gives two handles of one id one token and one flight, also after forget() with an old handle', async () => {
    const { many, asked } = setUp();
    const old = many.of('17');
    const [one, other] = await Promise.all([old.token(), many.of('17').token()]);
    expect(one).toBe(other);
    expect(many.of('17').peek()).toBe(one);
    await many.of('17').forget();
    expect(old.peek()).toBeUndefined();
    expect(await old.token()).toBe(await many.of('17').token());
    expect(asked).toEqual(['17', '17']);
  });

  it('keeps ids apart, also in a shared store', async () => {
    const { many, asked } = setUp({ store: memoryStore(), key: 'acme' });
    const ids = ['1', '2', '12', '1"', ''];
    const values = await Promise.all(ids.map(async (id) => (await many.of(id).token()).value));
    expect([new Set(values).size, asked.length]).toEqual([ids.length, ids.length]);
    await many.of('1').forget();
    expect([many.of('1').peek(), many.of('2').peek()?.value]).toEqual([undefined, values[1]]);
  });

  it('lets go of a subject of which nothing came when its back-off is over and others come, while one with a token stays', async () => {
    const clock = fakeClock();
    const token = { value: 'a', issuedAt: clock.now(), expiresAt: null };
    const many = managedMany((id) => ({ token: async () => (id === 'known' ? token : Promise.reject(errorOf('not_found'))) }), { clock });
    const ask = async (from: number, to: number): Promise<void> => {
      for (let id = from; id < to; id += 1) await outcome(many.of(String(id)).token());
    };
    // What is still known of a subject is all that can be seen of the memory it takes.
    const lastErrors = (...ids: readonly number[]) => Promise.all(ids.map(async (id) => (await many.of(String(id)).status()).lastError));
    await many.of('known').token();
    await ask(1, 1_101);
    expect(await lastErrors(1, 1_100)).toEqual(['not_found', 'not_found']);
    clock.advance(20 * 60_000);
    await ask(10_000, 12_200);
    expect(await lastErrors(1, 1_100, 10_000, 12_199)).toEqual([null, null, 'not_found', 'not_found']);
    expect(many.of('known').peek()).toEqual(token);
  });

  it('keeps an adopted refresh token that is nowhere else, however many subjects come', async () => {
    const clock = fakeClock();
    const sent: (string | null)[] = [];
    const many = managedMany(
      (id) => ({
        token: async ({ refreshToken }) => {
          if (id === 'adopted') sent.push(refreshToken);
          return { value: id, issuedAt: clock.now(), expiresAt: clock.now() + 1_000 };
        },
      }),
      { clock, random: () => 0 },
    );
    await many.of('adopted').adopt({ value: 'a', issuedAt: clock.now(), expiresAt: clock.now() + 1_000 }, 'refresh');
    clock.advance(5_000);
    for (let user = 0; user < 1_100; user += 1) await many.of(`${user}`).token();
    await many.of('adopted').token();
    expect(sent).toEqual(['refresh']);
  });

  it('rejects the waiting callers of every id at the end', async () => {
    const clock = fakeClock();
    const many = managedMany(() => ({ token: () => new Promise(() => {}) }), { clock });
    const waiting = Promise.all(['1', '2', '3'].map((id) => many.of(id).token().catch(codeOf)));
    await clock.settle(0);
    await many[Symbol.asyncDispose]();
    expect(await waiting).toEqual(['aborted', 'aborted', 'aborted']);
  });
});

describe('the guard', () => {
  it('belongs to the account: one user’s refusal is every user’s, one after the other or all at once', async () => {
    const ids = Array.from({ length: 100 }, (_, user) => String(user));
    const [serial, parallel] = [setUp(print, true), setUp(print, true)];
    const codes: string[] = [];
    for (const id of ids) codes.push(codeOf(await outcome(serial.many.of(id).token())));
    codes.push(...(await Promise.all(ids.map(async (id) => codeOf(await outcome(parallel.many.of(id).token()))))));
    expect(codes).toEqual(Array(200).fill('invalid_credentials'));
    expect([serial.asked.length, parallel.asked.length]).toEqual([1, 1]);
  });
});

describe('current', () => {
  it('answers what is held or stored, and never asks the source', async () => {
    const store = memoryStore();
    const { many, asked, clock } = setUp({ store, key: 'acme' });
    expect(await many.of('17').current()).toBeUndefined();
    const token = await many.of('17').token();
    expect(await many.of('17').current()).toBe(token);
    const other = setUp({ store, key: 'acme', clock });
    expect(await other.many.of('17').current()).toEqual(token);
    expect([asked, other.asked]).toEqual([['17'], []]);
  });

  it('answers nothing for a token that has ended or was rejected', async () => {
    const { many, clock } = setUp();
    await many.of('1').token();
    await many.of('2').invalidate(await many.of('2').token());
    clock.advance(2 * HOUR);
    expect([await many.of('1').current(), await many.of('2').current()]).toEqual([undefined, undefined]);
  });

  it('rejects when it cannot know, as the store is down', async () => {
    const store: Store = { ...memoryStore(), read: () => Promise.reject(new Error('down')) };
    await expect(setUp({ store, key: 'acme' }).many.of('17').current()).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('attempt', () => {
  /** What is run, and how often it was. */
  const counting = <T>(work: () => Promise<T>) => {
    let count = 0;
    const run = (): Promise<T> => {
      count += 1;
      return work();
    };
    return { run, runs: () => count };
  };

  it('does not run with credentials that a token was refused with, nor is a token asked for with those it was refused with', async () => {
    const [refused, { many, asked }] = [setUp(print, true), setUp(print)];
    await outcome(refused.many.of('1').token());
    const { run, runs } = counting(async () => 17);
    const error = await outcome(refused.many.attempt('users.create', run));
    expect(error).toMatchObject({ code: 'invalid_credentials', operation: 'users.create' });
    expect(runs()).toBe(0);

    await outcome(many.attempt('users.create', refusal));
    expect(await outcome(many.of('1').token())).toMatchObject({ code: 'invalid_credentials', vendorCode: '10001' });
    await many.of('1').reset();
    expect(asked).toEqual([]);
    await many.of('1').token();
    expect(asked).toEqual(['1']);
  });

  it('runs again after reset(), and so does every subject that was refused, at once', async () => {
    const store = memoryStore();
    const [{ many, asked }, other] = [setUp({ ...print, store, key: 'acme' }, true), setUp({ ...print, store, key: 'acme' })];
    for (const id of ['1', '2', '3']) await outcome(many.of(id).token());
    expect(asked).toEqual(['1']);
    await many.reset();
    for (const id of ['3', '2']) await outcome(many.of(id).token());
    expect(asked).toEqual(['1', '3']);
    await other.many.reset();
    const { run, runs } = counting(async () => 17);
    expect(await outcome(many.attempt('users.create', run))).toBe(17);
    expect(runs()).toBe(1);
  });

  it('is not run by reset() while the vendor asks to wait: that is not a refusal', async () => {
    const clock = fakeClock();
    let asked = 0;
    const limited = new AuthError('Later.', { code: 'rate_limited', provider: 'acme', operation: 'token', retryAfter: HOUR / 2 });
    const token = (): Promise<never> => {
      asked += 1;
      return Promise.reject(limited);
    };
    const many = managedMany(() => ({ token }), { clock, random: () => 0 });
    await outcome(many.of('1').token());
    await many.reset();
    expect(await outcome(many.of('1').token())).toMatchObject({ code: 'rate_limited', retryAfter: HOUR / 2 });
    expect(asked).toBe(1);
  });

  it('runs once more with credentials that have changed since', async () => {
    let current = 'old';
    const { many } = setUp({ fingerprint: () => current });
    const used: string[] = [];
    const result = await many.attempt('users.create', async () => {
      used.push(current);
      if (current === 'new') return 'made';
      current = 'new';
      return refusal();
    });
    expect([result, used]).toEqual(['made', ['old', 'new']]);
  });

  it('judges credentials of its own by their own name, and resolves to what it runs', async () => {
    const { many } = setUp({ fingerprint: () => 'current' });
    const pending = { fingerprint: () => 'pending' };
    await outcome(many.attempt('secret.recover', refusal, pending));
    expect((await many.of('1').token()).value).toBe('1-1');
    // That the current secret works does not make the other one right.
    expect(codeOf(await outcome(many.attempt('secret.recover', async () => 1, pending)))).toBe('invalid_credentials');
    await many.of('1').reset();
    expect(await outcome(many.attempt('secret.recover', async () => 1, pending))).toBe(1);
  });

  it('names its errors after the operation, and leaves others as they are', async () => {
    const named = { operation: 'secret.rotate', message: 'Refused.', vendorCode: '10001' };
    expect(await outcome(setUp(print).many.attempt('secret.rotate', refusal))).toMatchObject(named);
    const bug = new RangeError('a bug');
    expect(await outcome(setUp().many.attempt('secret.rotate', () => Promise.reject(bug)))).toBe(bug);
  });

  it('keeps the process alive while it waits, and no longer', async () => {
    const inner = fakeClock();
    let alive = 0;
    const clock: Clock = {
      ...inner,
      after: (milliseconds, run, { ref = false } = {}) => {
        alive += ref ? 1 : 0;
        const cancel = inner.after(milliseconds, run);
        return () => {
          alive -= ref ? 1 : 0;
          cancel();
        };
      },
    };
    const held = Promise.withResolvers<string>();
    const attempt = setUp({ clock }).many.attempt('users.create', () => held.promise);
    await inner.settle(0);
    expect(alive).toBe(1);
    held.resolve('17');
    expect(await attempt).toBe('17');
    expect(alive).toBe(0);
  });

  it('is given up after a minute, so that others are not held up for ever', async () => {
    const clock = fakeClock();
    const store = memoryStore({ clock });
    const { many } = setUp({ ...print, clock, store, key: 'acme' });
    const hanging = outcome(many.attempt('users.create', () => new Promise(() => {})));
    await clock.settle(59_999);
    const next = outcome(setUp({ ...print, clock, store, key: 'acme' }).many.attempt('users.create', async () => 17));
    await clock.settle(2_000);
    expect(await hanging).toMatchObject({ code: 'outcome_unknown', operation: 'users.create' });
    expect(await next).toBe(17);
  });

  it('leaves nothing behind on the signal of its caller, however often it fails', async () => {
    const { many } = setUp();
    const { signal } = new AbortController();
    const unavailable = () => Promise.reject(errorOf('unavailable'));
    for (let time = 0; time < 12; time += 1) await outcome(many.attempt('users.create', unavailable, { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not run for a caller that has given up, nor after the end', async () => {
    const { many } = setUp();
    const { run, runs } = counting(async () => 17);
    const aborted = await outcome(many.attempt('users.create', run, { signal: AbortSignal.abort() }));
    await many[Symbol.asyncDispose]();
    const ended = await outcome(many.attempt('users.create', run));
    for (const error of [aborted, ended]) expect(error).toMatchObject({ code: 'aborted', operation: 'users.create' });
    expect(runs()).toBe(0);
  });
});
