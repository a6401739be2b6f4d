import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { explain } from '../../test/authority-of.ts';
import { rejectionOf } from '../../test/rejection-of.ts';
import { managed } from '../managed.ts';
import { fakeClock, scriptedSource } from '../testing/index.ts';
import { type TokenAuthorityOptions, tokenAuthority } from './token-authority.ts';

const setUp = (first = 't1') => {
  const clock = fakeClock();
  const tokenOf = (value: string) => () => ({ value, issuedAt: clock.now(), expiresAt: clock.now() + 7_200_000 });
  const source = scriptedSource([tokenOf(first), tokenOf('t2')]);
  const tokens = managed(source, { clock });
  const options: TokenAuthorityOptions = {
    provider: 'acme',
    baseUrl: 'https://api.acme.example/v1/',
    transport: globalThis.fetch,
    tokens,
    explain,
    headersOf: ({ value }) => ({ 'acme-token': value }),
    isTokenRefused: async ({ status }) => status === 401,
  };
  return { authority: tokenAuthority(options), source, tokens, options };
};
const request = new Request('https://api.acme.example/v1/users');

describe('authorize', () => {
  it('answers the token and its credential headers, in the same frozen object while the token is current', async () => {
    const { authority } = setUp();
    const first = await authority.authorize(request);
    expect([first.headers, first.token?.value]).toEqual([{ 'acme-token': 't1' }, 't1']);
    expect(await authority.authorize(request)).toBe(first);
    expect([Object.isFrozen(first), Object.isFrozen(first.headers)]).toEqual([true, true]);
    await authority.invalidate(await authority.token());
    expect((await authority.authorize(request)).headers).toEqual({ 'acme-token': 't2' });
  });

  it.each(['\nx', '\r\nx: y', '\u0000', 'é', '\u2028'])('rejects for a token that fits into no header, %j, and hides it', async (text) => {
    const error = await rejectionOf(setUp(`SECRET${text}`).authority.authorize(request));
    expect(error).toMatchObject({ code: 'invalid_response', provider: 'acme', operation: 'authorize' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('SECRET');
  });

  it.each([
    ['https://other.example'],
    ['http://api.acme.example'],
    ['https://api.acme.example.other.example'],
    ['https://api.acme.example:444'],
  ])('rejects for %s without asking for a token', async (origin) => {
    const { authority, source } = setUp();
    const error = await rejectionOf(authority.authorize(new Request(`${origin}/?token=1`)));
    expect(error).toMatchObject({ code: 'foreign_origin', provider: 'acme', message: expect.not.stringContaining('token=1') });
    expect(source.calls).toHaveLength(0);
  });
});

describe('shouldRetry', () => {
  const refusal = new Response('', { status: 401 });

  it('invalidates the token that was refused, once', async () => {
    const { authority, source } = setUp();
    const sent = await authority.authorize(request);
    for (let time = 0; time < 2; time += 1) {
      expect(await authority.shouldRetry(refusal, sent)).toBe('token');
      expect((await authority.token()).value).toBe('t2');
    }
    expect(source.calls).toHaveLength(2);
  });

  it('lets the new token alone when that is refused too, until a success of it was reported', async () => {
    const { authority, source } = setUp();
    await authority.shouldRetry(refusal, await authority.authorize(request));
    const renewed = await authority.authorize(request);
    expect(await authority.shouldRetry(refusal, renewed)).toBe(null);
    expect(authority.peek()?.value).toBe('t2');
    expect(await authority.shouldRetry(new Response(''), renewed)).toBe(null);
    expect(await authority.shouldRetry(refusal, renewed)).toBe('token');
    expect([authority.peek(), source.calls.length]).toEqual([undefined, 2]);
  });

  it('gives up each refused token of tokens that cannot tell whether it is in vain', async () => {
    const { tokens, options } = setUp();
    const { token, peek, invalidate, status, reset } = tokens;
    const authority = tokenAuthority({ ...options, tokens: { token, peek, invalidate, status, reset } });
    for (const value of ['t1', 't2']) {
      const sent = await authority.authorize(request);
      expect([sent.token?.value, await authority.shouldRetry(refusal, sent)]).toEqual([value, 'token']);
      expect(await authority.shouldRetry(new Response(''), sent)).toBe(null);
    }
  });

  it('leaves the token alone when the refusal is about something else, or the request carried no token', async () => {
    const { authority } = setUp();
    const sent = await authority.authorize(request);
    expect(await authority.shouldRetry(new Response('', { status: 403 }), sent)).toBe(null);
    expect(await authority.shouldRetry(refusal, { headers: {}, bodyFields: null, token: null })).toBe(null);
    expect(authority.peek()?.value).toBe('t1');
  });
});
