import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@auth/core';
import type { Call } from '@auth/sandbox';
import { type Provider, registry, secretVariableOf } from '../providers.ts';
import { vendors } from '../vendors.ts';
import type { Deployment } from './client.ts';
import { startProcesses } from './processes.ts';

/** Who runs against whom. */
export interface RaceOptions {
  readonly vendor: Provider['id'];
  /** In each of the two rounds, by all processes together. Default 200. */
  readonly calls?: number | undefined;
  /** For each side. Default 2. */
  readonly processes?: number | undefined;
}

/** Both sides, after the same two rounds. */
export interface RaceResult {
  readonly ours: Side;
  readonly handWritten: Side;
}

/** What happened to one side. */
export interface Side {
  /** Requests for a token that reached the vendor. */
  readonly tokenRequests: number;
  /** Calls for data that the product did not get although it had the right secret. */
  readonly failedCalls: number;
  /** Requests for a token that the vendor refused because of the wrong secret. */
  readonly attemptsBurnt: number;
  /** Whether the vendor has locked the account in the end. */
  readonly locked: boolean;
  /** From the first call to the last. */
  readonly milliseconds: number;
}

/**
 * A client as many teams write it and the packages of this repository, each in processes of its own against a sandbox of its own.
 * In the first round the vendor ends the token half-way. The second begins with a wrong secret, as after a bad deployment, and
 * half-way the right one is back.
 */
export const runRace = async ({ vendor, calls = 200, processes = 2 }: RaceOptions): Promise<RaceResult> => {
  const handWritten = await run('handWritten', { vendor, calls, processes });
  return { ours: await run('ours', { vendor, calls, processes }), handWritten };
};

type Entry = Required<{ [Name in keyof RaceOptions]: NonNullable<RaceOptions[Name]> }>;

const run = async (side: keyof RaceResult, { vendor, calls, processes }: Entry): Promise<Side> => {
  const directory = await mkdtemp(join(tmpdir(), 'race-'));
  const sandbox = vendors[vendor].sandbox();
  const { url: baseUrl, close } = await sandbox.listen();
  const contestants = await startProcesses(side, processes);
  try {
    const environment: Environment = { ...sandbox.environment(baseUrl), AUTH_PROVIDER: vendor };
    const deployment: Deployment = { vendor, environment, baseUrl, directory, userId: await newUser(environment) };
    const wrong: Deployment = { ...deployment, environment: { ...environment, [secretVariableOf(vendor)]: 'a-wrong-secret-0' } };
    const half = Math.ceil(calls / 2);
    await contestants.deploy(deployment);
    const first = sandbox.calls.length;
    const startedAt = performance.now();

    let failedCalls = await contestants.call(half);
    sandbox.expireTokens();
    failedCalls += await contestants.call(calls - half);

    await contestants.deploy(wrong);
    // Else the token that a shared store still has would serve, and nobody would notice the wrong secret for hours.
    sandbox.expireTokens();
    const beforeWrong = sandbox.calls.length;
    await contestants.call(half);
    const afterWrong = sandbox.calls.length;
    await contestants.deploy(deployment);
    failedCalls += await contestants.call(calls - half);

    const tokenRequests = forTokens(sandbox.calls);
    return {
      tokenRequests: tokenRequests(first),
      failedCalls,
      attemptsBurnt: tokenRequests(beforeWrong, afterWrong),
      locked: 'locked' in sandbox && sandbox.locked,
      milliseconds: Math.round(performance.now() - startedAt),
    };
  } finally {
    await contestants.end();
    await close();
    await rm(directory, { recursive: true, force: true });
  }
};

/** Counts the requests for a token. Both vendors' are posted; to ask whose a token is, as we do before we give a permanent one up, is not. */
const forTokens =
  (calls: readonly Call[]) =>
  (from: number, to?: number): number =>
    calls.slice(from, to).filter(({ method }) => method === 'POST').length;

/** Where users have tokens of their own, one who has connected. Signed up beforehand, so it does not count. */
const newUser = async (environment: Environment): Promise<string> => {
  await using provider: Provider = registry.fromEnv(environment);
  const { id } = await provider.users.create({ reference: `race-${Date.now()}` });
  return id;
};
