import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { lateClock } from '../../test/late-clock.ts';
import { rejectionOf } from '../../test/rejection-of.ts';
import type { ManagedOptions, Store, Token, TokenContext } from '../index.ts';
import { AuthError, managed, memoryStore } from '../index.ts';
import type { ScriptedResult } from '../testing/index.ts';
import { fakeClock, scriptedSource } from '../testing/index.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const setUp = (script: readonly ScriptedResult[], options: ManagedOptions = {}) => {
  const clock = fakeClock({ now: START });
  const source = scriptedSource(script);
  return { clock, source, tokens: managed(source, { clock, random: () => 0, ...options }) };
};

const issued = (value: string): Token => ({ value, issuedAt: START, expiresAt: START + HOUR });
/** What a source in JavaScript may answer or save. */
const anything = <T>(value: unknown): T => value as T;

describe('a source that answers', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'secret-value'],
    ['a number', 7],
    ['an array', ['secret-value', START, START + HOUR]],
    ['an object without members', {}],
    ['the answer of the vendor', { access_token: 'secret-value', expires_in: 7200 }],
    ['a value that is not a text', { ...issued('a'), value: 7 }],
    ['no value', { issuedAt: START, expiresAt: START + HOUR }],
    ['no end', { value: 'secret-value', issuedAt: START }],
    ['an end as text', { ...issued('secret-value'), expiresAt: '2026-01-01' }],
    ['an end as a date', { ...issued('secret-value'), expiresAt: new Date(START + HOUR) }],
    ['no beginning', { value: 'secret-value', expiresAt: START + HOUR }],
    ['an infinite end', { ...issued('secret-value'), expiresAt: Number.POSITIVE_INFINITY }],
  ])('%s is `invalid_response`, which no try can cure', async (_, answer) => {
    const { tokens } = setUp([() => anything<Token>(answer)]);
    const error = await rejectionOf(tokens.token());
    expect(error).toMatchObject({ code: 'invalid_response', retryable: false });
    expect(inspect(error)).not.toContain('secret-value');
    expect(tokens.peek()).toBeUndefined();
  });

  it('one object again and again changes nothing by changing it', async () => {
    const own = { value: 'a', issuedAt: START, expiresAt: START + HOUR };
    const { tokens } = setUp([() => own]);
    await tokens.token();
    own.value = 'b';
    expect((await tokens.token()).value).toBe('a');
    expect(Object.isFrozen(own)).toBe(false);
  });
});

describe('a process that stands still until the token that it waits for has ended', () => {
  const standingStill = (singleUse: boolean) => {
    const { clock, standStill } = lateClock();
    let calls = 0;
    const token = async (): Promise<Token> => {
      calls += 1;
      const issuedAt = clock.now() + clock.monotonic();
      if (calls === 1) standStill(2 * HOUR);
      return { value: `token-${calls}`, issuedAt, expiresAt: issuedAt + HOUR };
    };
    const late = { ...clock, now: () => clock.now() + clock.monotonic() };
    const store = { store: memoryStore({ clock: late }), key: 'acme', singleUse };
    return managed({ token }, { clock: late, random: () => 0, ...(singleUse ? store : {}) });
  };

  it('asks once more', async () => {
    expect(await standingStill(false).token()).toMatchObject({ value: 'token-2' });
  });

  it('does not where the refresh token can be sent once', async () => {
    expect(await rejectionOf(standingStill(true).token())).toMatchObject({ code: 'invalid_response' });
  });
});

describe('a token', () => {
  const isShared = async (tokens: { readonly token: () => Promise<Token>; readonly peek: () => Token | undefined }): Promise<void> => {
    const token = await tokens.token();
    expect(() => Object.assign(token, { value: 'changed' })).toThrow(TypeError);
    expect((await tokens.token()).value).toBe('a');
    expect(tokens.peek()).toBe(token);
  };

  it('cannot be changed by one of the callers who share it', async () => {
    await isShared(setUp([issued('a')]).tokens);
  });

  it('cannot be changed if it was adopted, nor if it comes from the store', async () => {
    const options = { store: memoryStore(), key: 'acme' };
    const { tokens } = setUp([], options);
    const own = issued('a');
    await tokens.adopt(own);
    expect(Object.isFrozen(own)).toBe(false);
    await isShared(tokens);
    await isShared(setUp([], options).tokens);
  });
});

describe('a refresh token that the vendor left out', () => {
  const left = [undefined, null, '', 42, { refresh_token: 'r2' }, ['r2']];
  const saving =
    (value: string, refreshToken: unknown) =>
    async ({ saveRefreshToken }: TokenContext): Promise<Token> => {
      await saveRefreshToken(anything<string>(refreshToken));
      return issued(value);
    };

  it.each(left)('and that is saved as %j fails the call by name, and the old one goes on', async (given) => {
    const clock = fakeClock({ now: START });
    for (const options of [{}, { store: memoryStore({ clock }), key: 'acme' }]) {
      const { tokens, source } = setUp([saving('a', 'r1'), saving('b', given), issued('c')], { ...options, clock });
      await tokens.invalidate(await tokens.token());
      const error = await rejectionOf(tokens.token());
      expect(error).toMatchObject({ code: 'invalid_response', retryable: false });
      expect(String(error)).toMatch(/leave saveRefreshToken out: the old one goes on/);
      await clock.settle(5_000);
      expect((await tokens.token()).value).toBe('c');
      expect(source.calls.map(({ refreshToken }) => refreshToken)).toEqual([null, 'r1', 'r1']);
    }
  });

  it('is checked before anything is written', async () => {
    const store = memoryStore();
    const written: string[] = [];
    const write: Store['write'] = (key, value, options) => {
      written.push(String(value));
      return store.write(key, value, options);
    };
    const { tokens, clock } = setUp([saving('b', { refresh_token: 'r2' })], { store: { ...store, write }, key: 'acme' });
    await tokens.adopt({ ...issued('a'), expiresAt: START + 1 }, 'r1');
    clock.advance(1);
    await rejectionOf(tokens.token());
    expect(written.length).toBeGreaterThan(1);
    expect(written.join()).not.toContain('r2');
  });

  it.each(left.slice(2))('cannot be adopted as %j either; nothing changes then', async (given) => {
    const store = memoryStore();
    const { tokens, source, clock } = setUp([issued('c')], { store, key: 'acme' });
    await tokens.adopt(issued('a'), 'r1');
    await expect(tokens.adopt(issued('b'), anything<string>(given))).rejects.toMatchObject({ code: 'invalid_response' });
    expect(tokens.peek()?.value).toBe('a');
    await tokens.invalidate(await tokens.token());
    await tokens.token();
    expect(source.calls.map(({ refreshToken }) => refreshToken)).toEqual(['r1']);
    expect(clock.now()).toBe(START);
  });
});

describe('how long a vendor asks to wait', () => {
  const limited = (retryAfter: unknown): AuthError =>
    new AuthError('Too many requests.', {
      code: 'rate_limited',
      provider: 'acme',
      operation: 'token',
      retryAfter: anything<number>(retryAfter),
    });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -60_000, '60', null])(
    'does not take the pause after a failure away if it is %s',
    async (retryAfter) => {
      const { tokens, source, clock } = setUp([limited(retryAfter), issued('a')]);
      for (let caller = 0; caller < 50; caller += 1) expect(await rejectionOf(tokens.token())).toMatchObject({ code: 'rate_limited' });
      expect(source.calls).toHaveLength(1);
      clock.advance(250);
      expect((await tokens.token()).value).toBe('a');
    },
  );

  it('does not take it away either if the error is of another copy of this package, which checks nothing', async () => {
    const error = Object.assign(limited(1), { retryAfter: Number.NaN });
    const { tokens, source, clock } = setUp([error, issued('a')]);
    for (let caller = 0; caller < 50; caller += 1) await rejectionOf(tokens.token());
    expect(source.calls).toHaveLength(1);
    clock.advance(250);
    expect((await tokens.token()).value).toBe('a');
  });

  it('does not stop renewals in the background', async () => {
    const error = Object.assign(limited(1), { retryAfter: Number.NaN });
    const { tokens, source, clock } = setUp([issued('a'), error, { ...issued('b'), expiresAt: START + 2 * HOUR }]);
    await tokens.token();
    clock.advance(0.75 * HOUR);
    await tokens.token();
    await clock.settle(30_000);
    await tokens.token();
    await clock.settle(0);
    expect(source.calls).toHaveLength(3);
    expect(tokens.peek()?.value).toBe('b');
  });
});
