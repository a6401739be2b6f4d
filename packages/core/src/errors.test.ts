import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AuthErrorCode } from './errors.ts';
import { AuthError } from './errors.ts';

const facts = { code: 'locked', provider: 'acme', operation: 'application.token' } as const;

describe('AuthError', () => {
  it('says what happened as properties that machines read', () => {
    const error = new AuthError('The account is locked.', {
      ...facts,
      status: 400,
      vendorCode: '24302',
      retryAfter: 5_000,
      requestId: '17',
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('AuthError');
    expect(String(error)).toBe('AuthError: The account is locked.');
    expect({ ...error }).toEqual({ ...facts, status: 400, vendorCode: '24302', retryAfter: 5_000, requestId: '17', retryable: false });
  });

  it('takes no cause, which could carry a request', () => {
    const error = new AuthError('It failed.', { ...facts, ...{ cause: new Error('hunter2'), secret: 'hunter2' } });
    expect(error.cause).toBeUndefined();
    expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + error.stack).not.toContain('hunter2');
  });

  it('shows its facts in JSON, without a stack', () => {
    const text = JSON.stringify(new AuthError('It failed.', { ...facts, status: 400 }));
    expect(JSON.parse(text)).toEqual({ ...facts, status: 400, retryable: false });
  });

  it.each<[AuthErrorCode, boolean]>([
    ['misconfigured', false],
    ['invalid_credentials', false],
    ['locked', false],
    ['attempts_exhausted', false],
    ['invalid_token', false],
    ['reconnect_required', false],
    ['forbidden', false],
    ['region_blocked', false],
    ['not_found', false],
    ['conflict', false],
    ['rate_limited', true],
    ['invalid_request', false],
    ['invalid_response', false],
    ['unavailable', true],
    ['timeout', true],
    ['outcome_unknown', false],
    ['aborted', false],
    ['foreign_origin', false],
    ['state_mismatch', false],
    ['consent_denied', false],
    ['store_unavailable', true],
    ['contract_mismatch', false],
  ])('%s is retryable: %s', (code, retryable) => {
    expect(new AuthError('It failed.', { ...facts, code }).retryable).toBe(retryable);
  });
});

describe('AuthError.is', () => {
  const error = new AuthError('It failed.', facts);

  it('knows an AuthError, and its code if one is asked for', () => {
    expect([AuthError.is(error), AuthError.is(error, 'locked'), AuthError.is(error, 'timeout')]).toEqual([true, true, false]);
  });

  it.each([
    [undefined],
    [null],
    ['locked'],
    [new Error('locked')],
    [{ code: 'locked' }],
    [Object.assign(new Error('x'), { code: 'locked' })],
  ])('does not take %o for one', (other) => {
    expect(AuthError.is(other)).toBe(false);
    expect(AuthError.is(other, 'locked')).toBe(false);
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
