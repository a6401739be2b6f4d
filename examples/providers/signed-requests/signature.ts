import type { Outgoing } from '@auth/core';
import { AuthError } from '@auth/core';
import { importPKCS8 } from 'jose';

/** Milliseconds that a request may be on its way. The vendor takes at most an hour. */
const LIFETIME = 60_000;

/** What is signed: the end of the signature, method, URL and body. */
const signedText = (expiresAt: string, method: string, url: string, body: string): string => [expiresAt, method, url, body].join('|');

/** The headers that expire, for this request at this time. The body is read from a clone. */
export const signatureOf = async (
  request: Outgoing,
  { pem, now, option }: { readonly pem: string; readonly now: number; readonly option: string },
): Promise<Readonly<Record<'expires-at' | 'signature', string>>> => {
  const key = await importPKCS8(pem, 'RS256').catch(() => {
    throw new AuthError(`${option} is no RSA key in PKCS #8 PEM. Line breaks may be lost. Nothing was sent.`, {
      code: 'misconfigured',
      provider: 'signed-requests',
      operation: 'authorize',
    });
  });
  const expiresAt = String(Math.ceil((now + LIFETIME) / 1000));
  const text = signedText(expiresAt, request.method, request.url, await request.clone().text());
  const bytes = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, new TextEncoder().encode(text));
  return { 'expires-at': expiresAt, signature: btoa(String.fromCharCode(...new Uint8Array(bytes))) };
};
