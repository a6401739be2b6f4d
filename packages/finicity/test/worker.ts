/** A process of a product: one provider, controlled by messages. Reports every result and every step of a rotation. */

import { flushCompileCache } from 'node:module';
import type { Fetch, SecretVault } from '@auth/core';
import { AuthError, systemClock } from '@auth/core';
import { sqliteStore } from '@auth/store-sqlite';
import { type FinicityProvider, finicity } from '../src/index.ts';
import { hurried } from './clocks.ts';
import type { Command, ProviderOptions, Report, Step } from './protocol.ts';
import { fileVault } from './vaults.ts';

/** Resolves when the report has left this process. */
const send = (report: Report): Promise<void> => new Promise((resolve) => void process.send?.(report, () => resolve()));

const never: Promise<never> = new Promise(() => {});

/** The step at which the process hangs. */
let stopAt: Step | undefined;
const reached = async (step: Step): Promise<void> => {
  await send({ step });
  if (step === stopAt) await never;
};

/** Reports every write. A promotion, or its opposite, leaves nothing pending. */
const observed = (vault: SecretVault): SecretVault => ({
  read: vault.read,
  write: async (content) => {
    await reached(content.pending === null ? 'before the promotion' : 'before the pending write');
    await vault.write(content);
    await reached(content.pending === null ? 'after the promotion' : 'after the pending write');
  },
});

/** Reports every request. */
const observedFetch: Fetch = async (input, init) => {
  const answer = fetch(input, init);
  // Handled below, if the process gets there.
  answer.catch(() => {});
  await reached('after the request was sent');
  const response = await answer;
  await reached('after the answer');
  return response;
};

interface Opened {
  readonly provider: FinicityProvider;
  readonly vault: SecretVault;
}

const open = ({ url, partnerId, appKey, vaultPath, storePath, ahead = 0 }: ProviderOptions): Opened => {
  const vault = fileVault(vaultPath);
  const clock = { ...systemClock, now: () => systemClock.now() + ahead };
  return {
    vault: observed(vault),
    provider: finicity({
      partnerId,
      appKey,
      partnerSecret: async () => (await vault.read()).current,
      baseUrl: url,
      // The sandbox is in the test's process, and no request of the killed process is on its way by then.
      clock: hurried(systemClock),
      fetch: observedFetch,
      store: storePath === undefined ? undefined : sqliteStore({ path: storePath, clock }),
    }),
  };
};

const codeOf = (error: unknown): string => (AuthError.is(error) ? error.code : String(error));

let opened: Opened | undefined;

const execute = async (command: Command): Promise<unknown> => {
  if (command.do === 'open') {
    await opened?.provider[Symbol.asyncDispose]();
    opened = open(command.options);
    return null;
  }
  if (opened === undefined) throw new Error('Nothing is open.');
  const { provider, vault } = opened;
  stopAt = 'stopAt' in command ? command.stopAt : undefined;
  switch (command.do) {
    case 'token':
      return provider.application.token().then(() => 'token');
    case 'rotate':
      return (await provider.secret.rotate({ vault, keepOldFor30Days: command.keepOldFor30Days })) ?? null;
    case 'recover':
      return (await provider.secret.recover({ vault })) ?? null;
  }
};

const run = async (command: Command): Promise<void> => {
  await send({ result: await execute(command).catch(codeOf) });
};

// Makes the next process start in a third of the time. Flushing at the end would be too late: most of these processes are killed.
flushCompileCache();

// Ends with the process that started it.
process.on('message', (command: Command) => void run(command)).on('disconnect', () => process.exit());
