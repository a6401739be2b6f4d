import type { Clock } from '@auth/core';
import { exportPKCS8, generateKeyPair } from 'jose';
import { fakeOf, refused } from '../fake.ts';

/** A vendor that verifies every signature against the request as it arrived, by its own clock, which may be ahead by `skew`. */
export const signedRequestsFake = async (clock: Clock, { skew = 0 }: { readonly skew?: number } = {}) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const account = { appId: 'app-1', secret: 'first-secret' };
  const customers = new Map<string, string>();

  const isSigned = (text: string, signature: string): Promise<boolean> =>
    crypto.subtle.verify(
      'RSASSA-PKCS1-v1_5',
      publicKey,
      Uint8Array.from(atob(signature), (character) => character.charCodeAt(0)),
      new TextEncoder().encode(text),
    );

  const customer = (method: string, path: string, body: string): Response => {
    if (method === 'POST' && path === '/customers') {
      const { data }: { data: { identifier: string } } = JSON.parse(body);
      if ([...customers.values()].includes(data.identifier)) return refused(409, 'DuplicatedCustomer');
      const id = String(1001 + customers.size);
      customers.set(id, data.identifier);
      return Response.json({ data: { id } });
    }
    if (path === '/echo') return Response.json({ body });
    if (path === '/premium') return refused(403, 'ActionNotAllowed');
    const id = path.replace('/customers/', '');
    if (!customers.has(id)) return refused(404, 'CustomerNotFound');
    if (method === 'DELETE') customers.delete(id);
    return Response.json({ data: { id } });
  };

  const { fetch, calls } = fakeOf(async ({ method, url, headers, body }) => {
    const at = (name: string): string => headers.get(name) ?? '';
    const answer = async (): Promise<Response> => {
      if (at('app-id') !== account.appId || at('secret') !== account.secret) return refused(401, 'WrongKeys');
      const left = Number(at('expires-at')) * 1000 - (clock.now() + skew);
      if (!(left > 0 && left <= 3_600_000)) return refused(400, 'SignatureExpired');
      if (!(await isSigned(`${at('expires-at')}|${method}|${url.href}|${body}`, at('signature')))) return refused(400, 'WrongSignature');
      return customer(method, url.pathname, body);
    };
    const response = await answer();
    response.headers.set('date', new Date(clock.now() + skew).toUTCString());
    return response;
  });

  return { fetch, calls, account, privateKey: await exportPKCS8(privateKey) };
};
