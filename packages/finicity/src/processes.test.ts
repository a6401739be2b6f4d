import { readFileSync, writeFileSync } from 'node:fs';
import { type FaultReply, type FinicitySandbox, finicitySandbox } from '@auth/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFleet, type Worker } from '../test/fleet.ts';
import { type ProviderOptions, STEPS, type Step } from '../test/protocol.ts';
import type { Content } from '../test/vaults.ts';
import { MINUTE, NEXT, TOKENS } from '../test/vendor.ts';

/**
 * How often each kill is repeated. Once covers every step. A long run:
 * `KILLS=20 vitest run --config ../../vitest.config.ts src/processes.test.ts`.
 */
const KILLS = Number(process.env['KILLS'] ?? 1);

const fleet = openFleet();
afterAll(fleet.close);

/** A vendor that listens, with a vault in a file. */
interface Place {
  readonly sandbox: FinicitySandbox;
  readonly options: ProviderOptions;
  readonly content: () => Content;
  readonly hold: (content: Content) => void;
  /** Resolves when the vendor has received a request with this method, whether or not it took effect. */
  readonly asked: (method: string) => Promise<void>;
  /** How many secrets the vendor has refused, including those that a success has cleared. */
  readonly refused: () => number;
}

const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

const place = async (): Promise<Place> => {
  const waiting: { readonly method: string; readonly resolve: () => void }[] = [];
  const sandbox = finicitySandbox({
    observe: (call) => {
      for (const { method, resolve } of waiting) if (method === call.method) resolve();
    },
  });
  const { partnerId, partnerSecret, appKey } = sandbox.credentials;
  const { url, close } = await sandbox.listen();
  closing.push(close);
  const vaultPath = fleet.newPath();
  const hold = (content: Content): void => writeFileSync(vaultPath, JSON.stringify(content));
  hold({ current: partnerSecret, pending: null });
  return {
    sandbox,
    options: { url, partnerId, appKey, vaultPath, storePath: fleet.newPath() },
    content: () => JSON.parse(readFileSync(vaultPath, 'utf8')),
    hold,
    asked: (method) => new Promise((resolve) => void waiting.push({ method, resolve })),
    refused: () => sandbox.calls.filter(({ code }) => code === '10001').length,
  };
};

const opened = async (worker: Worker, options: ProviderOptions): Promise<Worker> => {
  await worker.run({ do: 'open', options });
  return worker;
};

/** Checks that the vault holds one secret, which the vendor accepts. Resolves to it. */
const settledSecret = async ({ sandbox, content, options: { partnerId, appKey } }: Place): Promise<string> => {
  const { current: partnerSecret, pending } = content();
  const headers = { 'content-type': 'application/json', 'finicity-app-key': appKey };
  const init = { method: 'POST', headers, body: JSON.stringify({ partnerId, partnerSecret }) };
  expect([pending, (await sandbox.fetch(`https://api.finicity.com${TOKENS}`, init)).status]).toEqual([null, 200]);
  return partnerSecret;
};

/** Recovers in a process that comes when the leases of killed ones have ended. */
const recover = async (here: Place, worker: Worker): Promise<void> => {
  await opened(worker, { ...here.options, ahead: MINUTE });
  expect(await worker.run({ do: 'recover' })).toBe(null);
};

let recovering: Worker;
beforeAll(() => {
  recovering = fleet.start();
});

describe('a rotation that is killed', () => {
  const UNREACHABLE: FaultReply = { kind: 'unreachable' };
  // The old secret ends at once, so that only one of the two works after the change.
  const RUNS = [...STEPS.map((step) => ({ step, fault: undefined })), { step: 'after the request was sent' as const, fault: UNREACHABLE }]
    .flatMap((run) => Array.from({ length: KILLS }, () => run))
    .map((run) => ({ ...run, connection: run.fault?.kind ?? 'good' }));

  /** Kills a process at this step of what it does. */
  const killAt = async (here: Place, command: 'rotate' | 'recover', step: Step): Promise<void> => {
    const worker = await opened(fleet.start(), here.options);
    const [standing, heard] = [worker.reached(step), here.asked(command === 'rotate' ? 'PUT' : 'POST')];
    worker.run({ do: command, keepOldFor30Days: false, stopAt: step }).catch(() => {});
    await standing;
    // Until then the request may still be on its way.
    if (step === 'after the request was sent') await heard;
    await worker.kill();
  };

  it.each(RUNS)('$step (connection: $connection) is ended by recover in another process', async ({ step, fault }) => {
    const here = await place();
    const { current: first } = here.content();
    if (fault) here.sandbox.faults.add({ method: 'PUT', reply: fault });
    await killAt(here, 'rotate', step);
    await recover(here, recovering);
    const tookEffect = STEPS.indexOf(step) >= 2 && fault === undefined;
    expect((await settledSecret(here)) === first).toBe(!tookEffect);
    expect(here.refused()).toBe(step === 'after the pending write' || fault ? 1 : 0);
    expect(await recovering.run({ do: 'token' })).toBe('token');
    // The next rotation is an ordinary one.
    expect(await recovering.run({ do: 'rotate', keepOldFor30Days: true })).toBe(null);
    await settledSecret(here);
  });

  it.each(STEPS.slice(2))('and whose recovery is killed %s is ended by the next one, at one attempt each at most', async (step) => {
    const here = await place();
    // As a rotation leaves it that was killed after the pending write.
    here.hold({ ...here.content(), pending: NEXT });
    await killAt(here, 'recover', step);
    await recover(here, recovering);
    await settledSecret(here);
    // A process that was killed before it recorded the refusal has told nobody; a recorded refusal is not tried again.
    expect(here.refused()).toBe(STEPS.indexOf(step) < STEPS.indexOf('before the promotion') ? 2 : 1);
  });

  it('at any moment, again and again, leaves a secret that works', async () => {
    const here = await place();
    const { sandbox, options } = here;
    for (let round = 0; round < KILLS * STEPS.length; round += 1) {
      const worker = await opened(fleet.start(), { ...options, ahead: 2 * round * MINUTE });
      const passed = worker.reached(STEPS[round % STEPS.length] as Step); // the rest is less than the length
      const ended = worker.run({ do: 'rotate', keepOldFor30Days: round % 2 === 0 }).catch(() => {});
      // The process does not stop there: the signal meets it wherever it is by then.
      await passed;
      await worker.kill();
      await ended;
      const before = sandbox.failedAttempts;
      await opened(recovering, { ...options, ahead: (2 * round + 1) * MINUTE });
      expect(await recovering.run({ do: 'recover' })).toBe(null);
      expect(sandbox.failedAttempts - before).toBeLessThanOrEqual(1);
      await settledSecret(here);
      // As the product's other processes do meanwhile: a success makes the budget of refusals whole.
      await recovering.run({ do: 'token' });
    }
    expect(sandbox.locked).toBe(false);
  });
});
