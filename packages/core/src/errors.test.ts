import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AuthErrorCode } from './errors.ts';
import { AuthError, kindOf } from './errors.ts';

const facts = { code: 'locked', provider: 'acme', operation: 'application.token' } as const;

describe('AuthError', () => {
  it('says what happened as properties that machines read', () => {
    const more = { status: 400, vendorCode: '24302', retryAfter: 5_000, requestId: '17', authority: 'kW-57' };
    const error = new AuthError('The account is locked.', { ...facts, ...more });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('AuthError');
    expect(String(error)).toBe('AuthError: The account is locked.');
    expect({ ...error }).toStrictEqual({ ...facts, ...more, retryable: false });
  });

  it('takes no cause, which could carry a request', () => {
    const error = new AuthError('It failed.', { ...facts, ...{ cause: new Error('hunter2'), secret: 'hunter2' } });
    expect(error.cause).toBeUndefined();
    expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + error.stack).not.toContain('hunter2');
  });

  it('shows its message and its facts in JSON, without a stack, because JSON loggers show nothing else', () => {
    const error = new AuthError('It failed. Try again.', { ...facts, status: 400 });
    const shown = { name: 'AuthError', message: 'It failed. Try again.', ...facts, status: 400, retryable: false };
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({ error: shown });
    expect(error.toJSON()).toStrictEqual(shown);
  });

  it('shows no members for what is not known', () => {
    const error = new AuthError('It failed.', { ...facts, status: undefined, vendorCode: undefined, authority: undefined });
    expect({ ...error }).toStrictEqual({ ...facts, retryable: false });
    expect(inspect(error)).not.toContain('undefined');
    expect([error.status, error.vendorCode, error.retryAfter, error.requestId, error.authority]).toEqual(Array(5).fill(undefined));
  });

  it.each([
    [0, 0],
    [1.5, 1.5],
    [-1, 0],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [Number.NEGATIVE_INFINITY, undefined],
    ['60' as unknown as number, undefined],
    [null as unknown as number, undefined],
  ])('takes %s for a wait of %s ms, because a header may hold anything', (retryAfter, expected) => {
    expect(new AuthError('It failed.', { ...facts, retryAfter }).retryAfter).toBe(expected);
  });

  const retryable = ['rate_limited', 'unavailable', 'timeout', 'store_unavailable'] as const;
  const final = [
    ...(['misconfigured', 'invalid_credentials', 'locked', 'attempts_exhausted', 'invalid_token', 'reconnect_required'] as const),
    ...(['forbidden', 'region_blocked', 'not_found', 'conflict', 'invalid_request', 'invalid_response', 'outcome_unknown'] as const),
    ...(['aborted', 'foreign_origin', 'state_mismatch', 'consent_denied', 'contract_mismatch'] as const),
  ];
  it('is retryable by its code, and each code is known to be so or not', () => {
    const known: readonly AuthErrorCode[] = [...retryable, ...final];
    expect(known.filter((code) => new AuthError('It failed.', { ...facts, code }).retryable)).toEqual(retryable);
    expectTypeOf<(typeof retryable | typeof final)[number]>().toEqualTypeOf<AuthErrorCode>();
  });
});

describe('AuthError.is', () => {
  const error = new AuthError('It failed.', facts);

  it('knows an AuthError, and its code if one is asked for', () => {
    expect([AuthError.is(error), AuthError.is(error, 'locked'), AuthError.is(error, 'timeout')]).toEqual([true, true, false]);
  });

  it('does not take anything else for one, whatever code it has', () => {
    const others = [undefined, null, 'locked', new Error('locked'), { code: 'locked' }, Object.assign(new Error('x'), { code: 'locked' })];
    expect(others.filter((other) => AuthError.is(other) || AuthError.is(other, 'locked'))).toEqual([]);
  });

  it('knows the errors of another copy of this package, unlike instanceof', async () => {
    const url = `${new URL('./errors.ts', import.meta.url).pathname}?copy`;
    const copy: typeof import('./errors.ts') = await import(/* @vite-ignore */ url);
    const theirs = new copy.AuthError('It failed.', facts);
    expect(copy.AuthError).not.toBe(AuthError);
    expect(theirs).not.toBeInstanceOf(AuthError);
    expect([AuthError.is(theirs, 'locked'), copy.AuthError.is(error, 'locked')]).toEqual([true, true]);
  });
});

describe('kindOf', () => {
  class ThrottlingException extends Error {
    override name = 'ThrottlingException';
  }

  it.each([
    [new TypeError('hunter2'), 'TypeError'],
    [new ThrottlingException('hunter2'), 'ThrottlingException'],
    [Object.assign(new Error(), { name: 'Request to https://vault.example/?secret=hunter2 failed' }), 'Error'],
    [Object.assign(new Error(), { name: ['hunter2'] }), 'Error'],
    [Object.assign(new Error(), { name: 'x'.repeat(61) }), 'Error'],
    ['hunter2', 'string'],
    [undefined, 'undefined'],
  ])('says of %o no more than %s', (thrown, kind) => {
    expect(kindOf(thrown)).toBe(kind);
  });
});
