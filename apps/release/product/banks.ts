// What a product writes, checked against the declarations that are published, by several compilers. It runs nowhere. Nothing of Node is here.
import { type BudgeaOptions, type BudgeaProvider, budgea, budgeaPlugin } from '@auth/budgea';
import {
  AuthError,
  type AuthErrorCode,
  type AuthEvent,
  type AuthProvider,
  authorizedFetch,
  createRegistry,
  type Environment,
  isAuthCore,
  type Managed,
  managed,
  memoryStore,
  type ProviderRuntime,
  type Store,
  supports,
  systemClock,
  type Token,
  type TokenAuthority,
  type TokenState,
  tokenState,
} from '@auth/core';
import '@auth/core/not-Auth.js';
import { type FinicityProvider, finicity, finicityPlugin } from '@auth/finicity';
import { encryptedStore } from '@auth/store-encrypted';
import { type IoRedisLike, type NodeRedisLike, redisStore } from '@auth/store-redis';

const registry = createRegistry([finicityPlugin, budgeaPlugin]);

/** Whichever the environment names. */
export type Provider = ReturnType<typeof registry.fromEnv>;

const accountsPath = {
  finicity: (userId) => `aggregation/v1/customers/${userId}/accounts`,
  budgea: () => 'users/me/accounts',
} satisfies Record<Provider['id'], (userId: string) => string>;

// @ts-expect-error: a vendor is missing.
export const incomplete = { finicity: '' } satisfies Record<Provider['id'], string>;

export const open = (environment: Environment, runtime: ProviderRuntime): Provider => registry.fromEnv(environment, runtime);

export const configured: BudgeaProvider = registry.create({
  provider: 'budgea',
  options: { domain: 'demo', clientId: '1', clientSecret: async () => 'secret' },
});

// @ts-expect-error: an optional option that is there has a value of its type.
export const wrong: BudgeaOptions = { domain: 'demo', clientId: '1', clientSecret: 'secret', manageToken: 1 };

export const accountsOf = async (provider: Provider, userId: string): Promise<unknown> => {
  const fetch = authorizedFetch(provider.asUser(userId), { fetch: globalThis.fetch });
  const response: Response = await fetch(new URL(accountsPath[provider.id](userId), provider.baseUrl), { headers: { accept: '*/*' } });
  return response.json();
};

export const enrol = async ({ users }: AuthProvider<'users'>, reference: string): Promise<string> => {
  try {
    return (await users.create({ reference })).id;
  } catch (error) {
    if (AuthError.is(error, 'conflict')) return `${error.provider} ${error.status ?? 0} ${error.retryAfter?.toFixed() ?? ''}`;
    if (AuthError.is(error)) throw new Error(sentences[error.code] ?? error.code);
    throw error;
  }
};

const sentences: Partial<Record<AuthErrorCode, string>> = { locked: 'Wait.', reconnect_required: 'Connect again.' };

export const offBoard = async (provider: AuthProvider<'users'>, userId: string): Promise<void> => {
  // @ts-expect-error: nobody has asked yet.
  provider.revocation;
  if (supports(provider, 'revocation')) await provider.revocation.revoke(userId);
  await provider.users.delete(userId);
};

/** `id` narrows to one vendor. */
export const special = async (provider: Provider, userId: string): Promise<string> => {
  if (provider.id === 'budgea') return (await provider.codes.issue(userId)).value;
  // @ts-expect-error: Finicity has no codes.
  provider.codes;
  const { url } = await provider.connect.start({ userId, redirectUri: 'https://acme.example/callback' });
  return url;
};

export const providers = async (store: Store): Promise<void> => {
  const observe = (event: AuthEvent): void => {
    if ('code' in event) throw new Error(event.code);
  };
  await using one: FinicityProvider = finicity({ partnerId: '1', partnerSecret: 's', appKey: 'k', store, observe, clock: systemClock });
  await using other = budgea({ domain: 'demo', clientId: '1', clientSecret: 's', manageToken: 'm', store });
  const authorities: readonly TokenAuthority[] = [one.application, one.asUser('1'), other.application, other.asUser('1')];
  for (const { status } of authorities) await status();
};

export const stores = (redis: NodeRedisLike, ioredis: IoRedisLike): readonly Store[] => [
  memoryStore({ maxEntries: 100 }),
  redisStore(redis, { prefix: 'acme:' }),
  encryptedStore(redisStore(ioredis), { keys: [{ id: '2026', key: new Uint8Array(32) }] }),
];

export const own: Managed = managed({
  token: async ({ signal, saveRefreshToken }): Promise<Token> => {
    await saveRefreshToken('refresh');
    return { value: String(signal.aborted), issuedAt: Date.now(), expiresAt: null };
  },
});

export const state: TokenState = tokenState({ expiresAt: null }, 0, { advisory: 300_000, mandatory: 60_000 });
export const marker: true = isAuthCore;
