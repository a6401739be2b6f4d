import { type AuthError, type Environment, type SecretVault, supports } from '@auth/core';
import { callAtOnce } from './calls.ts';
import { type Provider, registry, secretVariableOf } from './providers.ts';
import { vendors } from './vendors.ts';
import type { Wire } from './wire.ts';

/** What one step of the job did, as the wire saw it. */
export interface Step {
  readonly name: string;
  /** How many calls the product made at once. */
  readonly asked: number;
  readonly failed: number;
  /** `undefined` where the wire cannot be looked into. */
  readonly tokenCalls: number | undefined;
  readonly dataCalls: number | undefined;
  readonly outcome: string;
}

/** What a run of the job tells. */
export interface Report {
  readonly steps: readonly Step[];
  /** The requests that had to do with tokens, as `POST /auth/renew`. */
  readonly tokenRequests: readonly string[];
  /** What a product sees of a wrong secret. */
  readonly error: AuthError | undefined;
}

/** A product would have stored the id that it got when the user connected. */
const KNOWN_USER = '1005061234';

/** The main job, the same for every vendor: call on behalf of a user, whatever happens to tokens and secrets meanwhile. */
export const runMainJob = async (wire: Wire): Promise<Report> => {
  // Another process signs users up and off, and hands on nothing but the id.
  await using accounts: Provider = registry.fromEnv(wire.environment);
  if (!supports(accounts, 'users')) return work(wire, KNOWN_USER);
  const { id } = await accounts.users.create({ reference: `demo-${Date.now()}` });
  try {
    return await work(wire, id);
  } finally {
    await accounts.users.delete(id);
  }
};

const work = async ({ environment, sandbox }: Wire, userId: string): Promise<Report> => {
  await using provider: Provider = registry.fromEnv(environment);
  const { path } = vendors[provider.id];
  const steps: Step[] = [];
  const tokenRequests = new Set<string>();
  let error: AuthError | undefined;

  /** Runs one step and counts what went over the wire meanwhile. */
  const step = async (name: string, run: () => Promise<Omit<Step, 'name' | 'tokenCalls' | 'dataCalls'>>): Promise<void> => {
    const before = sandbox?.calls.length ?? 0;
    const result = await run();
    const calls = sandbox?.calls.slice(before);
    const dataPath = new URL(path, provider.baseUrl).pathname;
    const aboutTokens = calls?.filter((call) => call.path !== dataPath);
    for (const call of aboutTokens ?? []) tokenRequests.add(`${call.method} ${call.path}`);
    steps.push({
      name,
      ...result,
      tokenCalls: aboutTokens?.length,
      dataCalls: calls && aboutTokens && calls.length - aboutTokens.length,
    });
  };

  await step('200 calls at once', async () => ({
    ...(await callAtOnce(provider, userId, 200)),
    outcome: 'one token serves them all',
  }));
  // What follows breaks things or changes the secret, so it is not done to an account of yours.
  if (sandbox === undefined) return { steps, tokenRequests: [...tokenRequests], error };

  await step('the vendor ends the token', async () => {
    sandbox.expireTokens();
    return { ...(await callAtOnce(provider, userId, 50)), outcome: 'refused, renewed once, repeated' };
  });

  await step('a wrong secret, 3 times 50 calls', async () => {
    await using wrong: Provider = registry.fromEnv({ ...environment, ...wrongSecret(provider.id) });
    const rounds = [await callAtOnce(wrong, userId, 50), await callAtOnce(wrong, userId, 50), await callAtOnce(wrong, userId, 50)];
    error = rounds[0]?.error;
    return { asked: 150, failed: rounds.reduce((sum, { failed }) => sum + failed, 0), outcome: `${error?.code}, tried once` };
  });

  if (supports(provider, 'secret')) {
    const { vault, secretVariable } = vaultOf(provider.id, environment);
    await step('the secret is rotated', async () => {
      await provider.secret.rotate({ vault });
      sandbox.expireTokens();
      return { ...(await callAtOnce(provider, userId, 50)), outcome: 'the running process goes on' };
    });
    await step('a new process has the new secret', async () => {
      const { current } = await vault.read();
      await using next: Provider = registry.fromEnv({ ...environment, [secretVariable]: current });
      return { ...(await callAtOnce(next, userId, 50)), outcome: 'its own token' };
    });
  }

  if (supports(provider, 'revocation')) {
    await step("the user's token is revoked", async () => {
      await provider.revocation.revoke(userId);
      return { ...(await callAtOnce(provider, userId, 50)), outcome: 'another one, by the user id' };
    });
  }
  return { steps, tokenRequests: [...tokenRequests], error };
};

const wrongSecret = (id: Provider['id']): Environment => ({ [secretVariableOf(id)]: 'a-wrong-secret-0' });

/** A product keeps this in its secret manager. */
const vaultOf = (id: Provider['id'], environment: Environment): { readonly vault: SecretVault; readonly secretVariable: string } => {
  const secretVariable = secretVariableOf(id);
  let kept: Awaited<ReturnType<SecretVault['read']>> = { current: environment[secretVariable] ?? '', pending: null };
  return {
    secretVariable,
    vault: {
      read: async () => kept,
      write: async (next) => {
        kept = next;
      },
    },
  };
};
