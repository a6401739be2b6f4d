import { describe, expect, it } from 'vitest';
import { AuthError } from '../errors.ts';
import { checkedRedirectUri } from './redirect-uri.ts';

const rules = { provider: 'acme', operation: 'connect.start', privateSchemes: false };

const refusal = (redirectUri: string, privateSchemes = false): unknown => {
  try {
    return checkedRedirectUri(redirectUri, { ...rules, privateSchemes });
  } catch (error) {
    return error;
  }
};

describe('checkedRedirectUri', () => {
  it.each(['https://app.example/callback', 'http://localhost:3000/callback', 'http://127.0.0.1/callback', 'http://[::1]:8080/callback'])(
    'takes %s as it is',
    (redirectUri) => {
      expect(checkedRedirectUri(redirectUri, rules)).toBe(redirectUri);
    },
  );

  it.each([
    ['/callback', 'absolute'],
    ['', 'absolute'],
    ['http://app.example/callback', 'https'],
    ['http://localhost.example/callback', 'https'],
    ['https://app.example/callback?a=1', 'query'],
    ['https://app.example/callback?', 'query'],
    ['https://app.example/callback#a', 'fragment'],
    ['https://user:hunter2@app.example/callback', 'credentials'],
    ['com.example.app:/callback', 'https'],
  ])('refuses %s, and says why: %s', (redirectUri, reason) => {
    const error = refusal(redirectUri);
    expect(AuthError.is(error, 'invalid_request') && error.message).toContain(reason);
    expect(AuthError.is(error) && error.operation).toBe('connect.start');
    expect(String(error)).not.toContain('hunter2');
  });

  it.each(['com.example.app:/callback', 'app.example://callback', 'https://app.example/callback'])(
    'takes %s where apps may have schemes of their own',
    (redirectUri) => {
      expect(refusal(redirectUri, true)).toBe(redirectUri);
    },
  );

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/hosts', 'http://app.example/callback'])(
    'refuses %s even there',
    (redirectUri) => {
      expect(AuthError.is(refusal(redirectUri, true), 'invalid_request')).toBe(true);
    },
  );
});
