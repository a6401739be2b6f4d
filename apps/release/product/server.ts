// The product's process, which is Node's.
import { readFile } from 'node:fs/promises';
import { env } from 'node:process';
import { type FinicityProvider, finicity } from '@auth/finicity';
import { type SqliteStore, sqliteStore } from '@auth/store-sqlite';
import { open, type Provider } from './banks.ts';

export const run = async (): Promise<readonly [Provider, FinicityProvider]> => {
  await using store: SqliteStore = sqliteStore({ path: '/var/lib/acme/tokens.db' });
  for await (const key of store.keys()) key.toUpperCase();
  const partnerSecret = async (): Promise<string> => (await readFile('/run/secrets/finicity', 'utf8')).trim();
  return [open(env, { store }), finicity({ partnerId: '1', partnerSecret, appKey: 'k', store })];
};
