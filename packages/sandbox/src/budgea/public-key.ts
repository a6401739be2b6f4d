import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { hexadecimals, type Random } from '../random.ts';
import type { Routes } from './routes.ts';

/** The key that products encrypt credentials with; nobody has to prove anything. It is made on first use. */
export const publicKeyRoutes = (routes: Routes, random: Random): void => {
  const kid = `rsa-${hexadecimals(random, 8)}`;
  let key: Promise<JWK> | undefined;

  routes('/publickey', {
    GET: async (c) => {
      key ??= generateKeyPair('RSA-OAEP-256', { modulusLength: 2048 }).then(({ publicKey }) => exportJWK(publicKey));
      const { kty, e, n } = await key;
      return c.json({ kty, use: 'enc', e, n, kid });
    },
  });
};
