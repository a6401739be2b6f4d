import { describe, expect, it } from 'vitest';
import { AuthError } from '../errors.ts';
import { checkedRedirectUri } from './redirect-uri.ts';

/** The redirect URI, or the message of its refusal. */
const outcome = (redirectUri: string, privateSchemes: boolean): string => {
  try {
    return checkedRedirectUri(redirectUri, { provider: 'acme', operation: 'connect.start', privateSchemes });
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request', provider: 'acme', operation: 'connect.start' });
    return AuthError.is(error) ? error.message : '';
  }
};

describe('checkedRedirectUri', () => {
  it.each([
    ['https://app.example/callback', [false, true]],
    ['http://localhost:3000/callback', [false, true]],
    ['http://127.0.0.1/callback', [false, true]],
    ['http://[::1]:8080/callback', [false, true]],
    ['com.example.app:/callback', [true]],
    ['app.example://callback', [true]],
  ])('takes %s as it is, where apps may have schemes of their own: %j', (redirectUri, wherePrivate) => {
    for (const privateSchemes of wherePrivate) expect(outcome(redirectUri, privateSchemes)).toBe(redirectUri);
  });

  it.each([
    ['/callback', 'absolute', [false, true]],
    ['', 'absolute', [false, true]],
    ['http://app.example/callback', 'https', [false, true]],
    ['http://localhost.example/callback', 'https', [false, true]],
    ['https://app.example/callback?a=1', 'query', [false, true]],
    ['https://app.example/callback?', 'query', [false, true]],
    ['https://app.example/callback#a', 'fragment', [false, true]],
    ['https://user:hunter2@app.example/callback', 'credentials', [false, true]],
    ['https://user@app.example/callback', 'credentials', [false, true]],
    ['https://:hunter2@app.example/callback', 'credentials', [false, true]],
    ['com.example.app:/callback', 'https', [false]],
    ['ftp://localhost/callback', 'https', [false]],
    ['javascript:alert(1)', 'https', [false, true]],
    ['data:text/html,x', 'https', [false, true]],
    ['file:///etc/hosts', 'https', [false, true]],
  ])('refuses %s, and says why: %s, where apps may have schemes of their own: %j', (redirectUri, reason, wherePrivate) => {
    for (const privateSchemes of wherePrivate) {
      const message = outcome(redirectUri, privateSchemes);
      expect(message).toContain(reason);
      expect(message).not.toContain('hunter2');
    }
  });
});
