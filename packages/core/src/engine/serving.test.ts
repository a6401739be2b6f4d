import { describe, expect, it } from 'vitest';
import type { AuthEvent, ManagedOptions, Token } from '../index.ts';
import { AuthError, managed, memoryStore } from '../index.ts';
import type { ScriptedResult } from '../testing/index.ts';
import { fakeClock, scriptedSource } from '../testing/index.ts';

const START = Date.UTC(2026, 0, 1);
const FACTS = { code: 'unavailable', provider: 'acme', operation: 'token', status: 503, vendorCode: '17', requestId: 'r' } as const;

const down = async (): Promise<never> => {
  throw new AuthError('The store is down.', { code: 'store_unavailable', provider: 'store', operation: 'store' });
};

const setUp = (script: readonly ScriptedResult[], options: ManagedOptions = {}) => {
  const clock = fakeClock({ now: START });
  return { clock, tokens: managed(scriptedSource(script), { clock, random: () => 0, ...options }) };
};

/** What many callers are rejected with. */
const errorsOf = async (callers: readonly Promise<Token>[]): Promise<readonly AuthError[]> => {
  const outcomes = await Promise.allSettled(callers);
  return outcomes.map((outcome) => {
    const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
    if (!AuthError.is(reason)) throw new Error('A caller was not rejected with an AuthError.');
    return reason;
  });
};

describe('a failure', () => {
  const failed = new AuthError('The vendor is down. Try again.', FACTS);

  it.each([
    ['who wait for one call', {}],
    ['who wait for one call, with a store', { store: memoryStore(), key: 'acme' }],
  ])('is an error of its own for each of the callers %s, with the same facts', async (_, options) => {
    const { tokens } = setUp([failed], options);
    const errors = await errorsOf(Array.from({ length: 50 }, () => tokens.token()));
    expect(new Set(errors).size).toBe(50);
    expect(errors).not.toContain(failed);
    const { authority } = await tokens.status();
    for (const error of errors) {
      expect(error).toBeInstanceOf(AuthError);
      expect(error.message).toBe(failed.message);
      expect({ ...error }).toEqual({ ...failed, authority });
    }
  });

  it('is an error of its own each time it is answered again, which nobody can change for the others', async () => {
    const { tokens, clock } = setUp([failed]);
    const [first] = await errorsOf([tokens.token()]);
    Object.assign(first ?? {}, { message: 'changed', status: 1 });
    clock.advance(100);
    const errors = await errorsOf(Array.from({ length: 3 }, () => tokens.token()));
    expect(new Set([first, ...errors]).size).toBe(4);
    const { authority } = await tokens.status();
    for (const error of errors) {
      expect(error.message).toBe(failed.message);
      expect({ ...error }).toEqual({ ...failed, authority, retryAfter: 150 });
    }
  });

  it('counts a part of a millisecond as a whole one, so that a try after `retryAfter` is a try', async () => {
    const { tokens, clock } = setUp([failed, { value: 'a', issuedAt: START, expiresAt: null }], { random: () => 0.0001 });
    await errorsOf([tokens.token()]);
    const [error] = await errorsOf([tokens.token()]);
    expect(error?.retryAfter).toBe(251);
    clock.advance(error?.retryAfter ?? 0);
    expect((await tokens.token()).value).toBe('a');
  });

  it('by disposal is an error of its own for each caller too', async () => {
    const { tokens, clock } = setUp([() => new Promise(() => {})]);
    const callers = Array.from({ length: 5 }, () => tokens.token());
    const errors = errorsOf(callers);
    await clock.settle(0);
    void tokens[Symbol.asyncDispose]();
    await clock.settle(0);
    expect(new Set(await errors).size).toBe(5);
    for (const error of await errors) expect(error.code).toBe('aborted');
  });

  it.each([
    ['without a store', {}],
    ['with a store', { store: memoryStore(), key: 'acme' }],
  ])('has the frame of each caller in its stack, although one call of the source failed for all of them, %s', async (_, options) => {
    const { tokens } = setUp([failed], options);
    const askHere = async (): Promise<Token> => await tokens.token();
    const askThere = async (): Promise<Token> => await tokens.token();
    const [here, there] = await errorsOf([askHere(), askThere()]);
    const [again] = await errorsOf([askThere()]);
    expect([here?.stack, there?.stack, again?.stack]).toEqual([
      expect.stringContaining('askHere'),
      expect.stringContaining('askThere'),
      expect.stringContaining('askThere'),
    ]);
    expect(here?.stack).not.toContain('askThere');
  });

  it.each([
    ['without a store', {}],
    ['with a store', { store: memoryStore(), key: 'acme' }],
    ['while the store is down', { store: { read: down, write: down }, key: 'acme' }],
  ])('names its subject as events and status do, %s', async (_, options) => {
    const events: AuthEvent[] = [];
    const { tokens } = setUp([failed], { ...options, observe: (event) => void events.push(event) });
    const [error] = await errorsOf([tokens.token()]);
    const { authority } = await tokens.status();
    expect([error?.authority, ...new Set(events.map((event) => event.authority))]).toEqual([authority, authority]);
  });
});

describe('what a framework throws to steer its rendering', () => {
  const controlFlow = Object.assign(new Error('Dynamic server usage'), { digest: 'DYNAMIC_SERVER_USAGE' });
  const token: Token = { value: 'a', issuedAt: START, expiresAt: null };

  it.each<[string, ManagedOptions]>([
    ['without a store', {}],
    ['with a fingerprint', { fingerprint: () => 'of the secret' }],
    ['with a store', { store: memoryStore(), key: 'acme' }],
    ['with a refresh token that may be sent once', { store: memoryStore(), key: 'acme-once', singleUse: true }],
  ])('reaches every caller as it is, and is no failure of the vendor’s, %s', async (_, options) => {
    const events: string[] = [];
    const { clock, tokens } = setUp([controlFlow, token], { ...options, observe: ({ type }) => void events.push(type) });
    await tokens.adopt({ value: 'old', issuedAt: START, expiresAt: START + 60_000 }, 'refresh-1');
    clock.advance(60_000);
    const outcomes = await Promise.allSettled([tokens.token(), tokens.token()]);
    expect(outcomes).toEqual(Array(2).fill({ status: 'rejected', reason: controlFlow }));
    expect(events).not.toContain('refresh_failed');
    expect(await tokens.token()).toEqual(token);
  });
});
