import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { hashAtOnce } from '../../test/stepping-clock.ts';
import type { Clock, ManagedOptions, Store } from '../index.ts';
import { AuthError, memoryStore, systemClock } from '../index.ts';
import { fakeClock } from '../testing/index.ts';
import { managedMany } from './managed-many.ts';

hashAtOnce();

const HOUR = 3_600_000;

const setUp = (options: ManagedOptions = {}, refuse = false) => {
  const clock = fakeClock();
  const asked: string[] = [];
  const many = managedMany(
    (id) => ({
      token: async () => {
        asked.push(id);
        if (refuse) throw new AuthError('The client is refused.', { code: 'invalid_credentials', provider: 'acme', operation: 'token' });
        return { value: `${id}-${asked.length}`, issuedAt: clock.now(), expiresAt: clock.now() + 2 * HOUR };
      },
    }),
    { clock, random: () => 0, ...options },
  );
  return { clock, asked, many };
};

const codeOf = (reason: unknown): string => (AuthError.is(reason) ? reason.code : String(reason));

describe('of', () => {
  it('gives two handles of one id one token and one flight', async () => {
    const { many, asked } = setUp();
    const [one, other] = await Promise.all([many.of('17').token(), many.of('17').token()]);
    expect(one).toBe(other);
    expect(many.of('17').peek()).toBe(one);
    expect(asked).toEqual(['17']);
  });

  it('keeps ids apart, also in a shared store', async () => {
    const { many, asked } = setUp({ store: memoryStore(), key: 'acme' });
    const ids = ['1', '2', '12', '1"', ''];
    const values = await Promise.all(ids.map(async (id) => (await many.of(id).token()).value));
    expect(new Set(values).size).toBe(ids.length);
    expect(asked).toHaveLength(ids.length);
    await many.of('1').forget();
    expect([many.of('1').peek(), many.of('2').peek()?.value]).toEqual([undefined, values[1]]);
  });

  it('goes on after forget() with an old handle as with a new one', async () => {
    const { many } = setUp();
    const old = many.of('17');
    await old.token();
    await many.of('17').forget();
    expect(old.peek()).toBeUndefined();
    expect(await old.token()).toBe(await many.of('17').token());
  });
});

describe('the guard', () => {
  it('belongs to the account: one user’s refusal is every user’s', async () => {
    const { many, asked } = setUp({ fingerprint: () => 'print' }, true);
    for (let user = 0; user < 100; user += 1) {
      await expect(many.of(String(user)).token()).rejects.toMatchObject({ code: 'invalid_credentials' });
    }
    expect(asked).toHaveLength(1);
  });

  it('lets one attempt tell for a hundred users who come at once', async () => {
    const { many, asked } = setUp({ fingerprint: () => 'print' }, true);
    const users = Array.from({ length: 100 }, (_, user) => many.of(String(user)).token().catch(codeOf));
    expect(new Set(await Promise.all(users))).toEqual(new Set(['invalid_credentials']));
    expect(asked).toHaveLength(1);
  });

  it('holds nobody up once the credentials have been accepted', async () => {
    const clock = fakeClock();
    let asked = 0;
    const many = managedMany(
      (id) => ({
        token: () => {
          asked += 1;
          return id === 'first' ? Promise.resolve({ value: 'a', issuedAt: 0, expiresAt: null }) : new Promise(() => {});
        },
      }),
      { clock, fingerprint: () => 'print' },
    );
    await many.of('first').token();
    const waiting = Promise.all(['1', '2', '3'].map((id) => many.of(id).token().catch(codeOf)));
    await clock.settle(0);
    expect(asked).toBe(4);
    await many[Symbol.asyncDispose]();
    await waiting;
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
    expect(other.asked).toEqual([]);
    expect(asked).toEqual(['17']);
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

describe('a subject of which nothing came', () => {
  it('is let go of when its back-off is over and others come, while one with a token stays', async () => {
    const clock = fakeClock();
    const many = managedMany(
      (id) => ({
        token: async () => {
          if (id === 'known') return { value: 'a', issuedAt: clock.now(), expiresAt: null };
          throw new AuthError('There is no such user.', { code: 'not_found', provider: 'acme', operation: 'token' });
        },
      }),
      { clock },
    );
    const ask = async (from: number, to: number): Promise<void> => {
      for (let id = from; id < to; id += 1) await many.of(String(id)).token().catch(codeOf);
    };
    const lastErrorOf = async (id: number) => (await many.of(String(id)).status()).lastError;
    const token = await many.of('known').token();
    await ask(1, 5_001);
    expect([await lastErrorOf(1), await lastErrorOf(5_000)]).toEqual(['not_found', 'not_found']);
    clock.advance(20 * 60_000);
    await ask(10_000, 15_000);
    // What is still known of a subject is all that can be seen of the memory it takes.
    expect([await lastErrorOf(1), await lastErrorOf(5_000)]).toEqual([null, null]);
    expect([await lastErrorOf(10_000), await lastErrorOf(14_999)]).toEqual(['not_found', 'not_found']);
    expect(many.of('known').peek()).toBe(token);
  });
});

describe('disposal', () => {
  it('rejects the waiting callers of every id', async () => {
    const clock = fakeClock();
    const many = managedMany(() => ({ token: () => new Promise(() => {}) }), { clock });
    const waiting = Promise.all(['1', '2', '3'].map((id) => many.of(id).token().catch(codeOf)));
    await clock.settle(0);
    await many[Symbol.asyncDispose]();
    expect(await waiting).toEqual(['aborted', 'aborted', 'aborted']);
  });
});

describe('attempt', () => {
  const refusal = (operation = 'api.create'): AuthError =>
    new AuthError('Refused.', { code: 'invalid_credentials', provider: 'acme', operation, vendorCode: '10001' });
  const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

  it('resolves to what it runs', async () => {
    const { many } = setUp({ fingerprint: () => 'print' });
    expect(await many.attempt('users.create', async () => 17)).toBe(17);
  });

  it('does not run with credentials that a token was refused with', async () => {
    const { many } = setUp({ fingerprint: () => 'print' }, true);
    await outcome(many.of('1').token());
    let runs = 0;
    const error = await outcome(many.attempt('users.create', async () => (runs += 1)));
    expect(error).toMatchObject({ code: 'invalid_credentials', operation: 'users.create' });
    expect(runs).toBe(0);
  });

  it('keeps tokens from being asked for with credentials that it was refused with', async () => {
    const { many, asked } = setUp({ fingerprint: () => 'print' });
    await outcome(many.attempt('users.create', () => Promise.reject(refusal())));
    expect(await outcome(many.of('1').token())).toMatchObject({ code: 'invalid_credentials', vendorCode: '10001' });
    expect(asked).toEqual([]);
    await many.of('1').reset();
    await many.of('1').token();
    expect(asked).toEqual(['1']);
  });

  it('costs one refusal in all, however many run at once, in all processes that share a store', async () => {
    const store = memoryStore();
    let runs = 0;
    const engines = Array.from({ length: 3 }, () => setUp({ store, key: 'acme', fingerprint: () => 'print', clock: systemClock }).many);
    const run = async (): Promise<never> => {
      runs += 1;
      throw refusal();
    };
    const attempts = engines.flatMap((many) => Array.from({ length: 10 }, () => outcome(many.attempt('users.create', run))));
    await Promise.all(attempts);
    expect(runs).toBe(1);
  });

  it('runs once more with credentials that have changed since', async () => {
    let print = 'old';
    const { many } = setUp({ fingerprint: () => print });
    const used: string[] = [];
    const result = await many.attempt('users.create', async () => {
      used.push(print);
      if (print === 'new') return 'made';
      print = 'new';
      throw refusal();
    });
    expect([result, used]).toEqual(['made', ['old', 'new']]);
  });

  it('judges credentials of its own by their own name', async () => {
    const { many } = setUp({ fingerprint: () => 'current' });
    await outcome(many.attempt('secret.recover', () => Promise.reject(refusal()), { fingerprint: () => 'pending' }));
    expect((await many.of('1').token()).value).toBe('1-1');
    expect(await outcome(many.attempt('secret.recover', async () => 1, { fingerprint: () => 'pending' }))).toBe(1);
  });

  it('names its errors after the operation, and leaves others as they are', async () => {
    const { many } = setUp({ fingerprint: () => 'print' });
    expect(await outcome(many.attempt('secret.rotate', () => Promise.reject(refusal('api.modify'))))).toMatchObject({
      operation: 'secret.rotate',
      message: 'Refused.',
      vendorCode: '10001',
    });
    const bug = new RangeError('a bug');
    expect(await outcome(setUp().many.attempt('secret.rotate', () => Promise.reject(bug)))).toBe(bug);
  });

  it('keeps the process alive while it waits, and no longer', async () => {
    const clock = fakeClock();
    let alive = 0;
    const counting: Clock = {
      ...clock,
      after: (milliseconds, run, { ref = false } = {}) => {
        alive += ref ? 1 : 0;
        const cancel = clock.after(milliseconds, run);
        return () => {
          alive -= ref ? 1 : 0;
          cancel();
        };
      },
    };
    const { many } = setUp({ clock: counting });
    const held = Promise.withResolvers<string>();
    const attempt = many.attempt('users.create', () => held.promise);
    await clock.settle(0);
    expect(alive).toBe(1);
    held.resolve('17');
    expect(await attempt).toBe('17');
    expect(alive).toBe(0);
  });

  it('leaves nothing behind on the signal of its caller, however often it fails', async () => {
    const { many } = setUp();
    const { signal } = new AbortController();
    const unavailable = new AuthError('Down.', { code: 'unavailable', provider: 'acme', operation: 'token' });
    for (let time = 0; time < 12; time += 1)
      await many.attempt('users.create', () => Promise.reject(unavailable), { signal }).catch(() => {});
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not run for a caller that has given up', async () => {
    const { many } = setUp();
    let runs = 0;
    const error = await outcome(many.attempt('users.create', async () => (runs += 1), { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', operation: 'users.create' });
    expect(runs).toBe(0);
  });

  it('does not run after the end', async () => {
    const { many } = setUp();
    await many[Symbol.asyncDispose]();
    let runs = 0;
    expect(await outcome(many.attempt('users.create', async () => (runs += 1)))).toMatchObject({
      code: 'aborted',
      operation: 'users.create',
    });
    expect(runs).toBe(0);
  });
});
