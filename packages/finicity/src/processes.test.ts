import { readFileSync, writeFileSync } from 'node:fs';
import { type FaultReply, type FinicityErrorName, type FinicitySandbox, finicitySandbox } from '@auth/sandbox';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Content } from '../test/file-vault.ts';
import { openFleet, type Worker } from '../test/fleet.ts';
import { type ProviderOptions, STEPS, type Step } from '../test/protocol.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const WRONG = 'wrongWrongWrong12345';

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
  /** Resolves when the vendor has received a request with this method, whether or not it took effect. */
  readonly asked: (method: string) => Promise<void>;
  /** Whether the vendor accepts this secret now. */
  readonly works: (partnerSecret: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const places: Place[] = [];
afterAll(() => Promise.all(places.map(({ close }) => close())));

const place = async (): Promise<Place> => {
  const waiting: { readonly method: string; readonly resolve: () => void }[] = [];
  const sandbox = finicitySandbox({
    observe: (call) => {
      for (const { method, resolve } of waiting) if (method === call.method) resolve();
    },
  });
  const { partnerId, partnerSecret, appKey } = sandbox.credentials;
  const { url, close } = await sandbox.listen();
  const vaultPath = fleet.newPath();
  writeFileSync(vaultPath, JSON.stringify({ current: partnerSecret, pending: null }));
  const path = '/aggregation/v2/partners/authentication';
  const made: Place = {
    sandbox,
    options: { url, partnerId, appKey, vaultPath, storePath: fleet.newPath() },
    content: () => JSON.parse(readFileSync(vaultPath, 'utf8')),
    asked: (method) => new Promise((resolve) => void waiting.push({ method, resolve })),
    works: async (secret) => {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'finicity-app-key': appKey },
        body: JSON.stringify({ partnerId, partnerSecret: secret }),
      };
      return (await sandbox.fetch(`https://api.finicity.com${path}`, init)).ok;
    },
    close,
  };
  places.push(made);
  return made;
};

const opened = async (worker: Worker, options: ProviderOptions): Promise<Worker> => {
  await worker.run({ do: 'open', options });
  return worker;
};

describe('eight processes with a wrong secret', () => {
  let workers: readonly Worker[];
  beforeAll(() => {
    workers = Array.from({ length: 8 }, fleet.start);
  });

  it('and one store cost exactly one attempt at the vendor, in five rounds of fifty callers each', async () => {
    const { sandbox, options } = await place();
    await Promise.all(workers.map((worker) => opened(worker, { ...options, partnerSecret: WRONG })));
    for (let round = 0; round < 5; round += 1)
      for (const tally of await Promise.all(workers.map(({ run }) => run({ do: 'token', callers: 50 }))))
        expect(tally).toEqual({ invalid_credentials: 50 });
    expect([sandbox.calls.length, sandbox.failedAttempts, sandbox.locked]).toEqual([1, 1, false]);
    expect(await Promise.all(workers.map(({ run }) => run({ do: 'attemptsLeft' })))).toEqual(Array.from({ length: 8 }, () => 2));
  });

  it('in their vault cost one attempt, though all of them rotate and ask for tokens', async () => {
    const { sandbox, options, content } = await place();
    writeFileSync(options.vaultPath ?? '', JSON.stringify({ current: WRONG, pending: null }));
    await Promise.all(workers.map((worker) => opened(worker, options)));
    const [first, ...others] = workers;
    expect(await first?.run({ do: 'rotate', keepOldFor30Days: true })).toBe('invalid_credentials');
    expect(await Promise.all(others.map(({ run }) => run({ do: 'rotate', keepOldFor30Days: true })))).toEqual(
      others.map(() => 'invalid_credentials'),
    );
    expect(await first?.run({ do: 'token', callers: 50 })).toEqual({ invalid_credentials: 50 });
    expect([sandbox.calls.length, sandbox.failedAttempts]).toEqual([1, 1]);
    expect(content()).toEqual({ current: WRONG, pending: null });
  });

  it('that all differ never lock the partner: the fourth is not tried, until one process resets the guard for all', async () => {
    const { sandbox, options } = await place();
    await Promise.all(workers.map((worker, index) => opened(worker, { ...options, partnerSecret: `${WRONG}${index}` })));
    await Promise.all(workers.map(({ run }) => run({ do: 'token', callers: 10 })));
    expect([sandbox.calls.length, sandbox.failedAttempts, sandbox.locked]).toEqual([3, 3, false]);
    expect(await workers[0]?.run({ do: 'attemptsLeft' })).toBe(0);
    await workers[7]?.run({ do: 'reset' });
    expect(await workers[0]?.run({ do: 'attemptsLeft' })).toBe(3);
    const last = await opened(workers[1] as Worker, options); // there are eight
    expect(await last.run({ do: 'token', callers: 10 })).toEqual({ token: 10 });
  });

  it('and one that starts to rotate while another is rotating are told of the conflict', async () => {
    const { sandbox, options, content, works } = await place();
    const [first, second] = await Promise.all(workers.slice(0, 2).map((worker) => opened(worker, options)));
    const standing = first?.reached('after the pending write');
    first?.run({ do: 'rotate', keepOldFor30Days: true, stopAt: 'after the pending write' }).catch(() => {});
    await standing;
    expect(await second?.run({ do: 'rotate', keepOldFor30Days: true })).toBe('conflict');
    expect(sandbox.calls).toEqual([]);
    await first?.kill();
    expect(await second?.run({ do: 'recover' })).toBe(null);
    expect(content().pending).toBe(null);
    expect(await works(content().current)).toBe(true);
  });
});

describe('a rotation that is killed', () => {
  let recovering: Worker;
  beforeAll(() => {
    recovering = fleet.start();
  });

  /** The vendor's side: the request arrived, never arrived, or arrived and its answer was lost. */
  const VENDOR: readonly (FaultReply<FinicityErrorName> | undefined)[] = [undefined, { kind: 'unreachable' }, { kind: 'lost' }];
  const RUNS = STEPS.flatMap((step) =>
    [true, false].flatMap((keepOldFor30Days) =>
      VENDOR.filter((fault) => fault === undefined || step === 'after the request was sent').flatMap((fault) =>
        Array.from({ length: KILLS }, (_, run) => ({ step, keepOldFor30Days, fault, kind: fault?.kind ?? 'good', run })),
      ),
    ),
  );

  const interrupt = async (
    { sandbox, options, asked }: Place,
    worker: Worker,
    { step, keepOldFor30Days, fault }: { readonly step: Step; readonly keepOldFor30Days: boolean; readonly fault: (typeof VENDOR)[number] },
  ): Promise<void> => {
    await opened(worker, options);
    expect(await worker.run({ do: 'token', callers: 1 })).toEqual({ token: 1 });
    if (fault) sandbox.faults.add({ method: 'PUT', reply: fault });
    const standing = worker.reached(step);
    const heard = asked('PUT');
    worker.run({ do: 'rotate', keepOldFor30Days, stopAt: step }).catch(() => {});
    await standing;
    // Until then the request may still be on its way.
    if (step === 'after the request was sent') await heard;
    await worker.kill();
  };

  it.each(RUNS)(
    '$step (keepOldFor30Days: $keepOldFor30Days, connection: $kind, run $run) is ended by recover in another process',
    async (run) => {
      const here = await place();
      const { sandbox, options, content, works } = here;
      const first = content().current;
      await interrupt(here, fleet.start(), run);

      await opened(recovering, options);
      expect(await recovering.run({ do: 'recover' })).toBe(null);
      const { current, pending } = content();
      expect(pending).toBe(null);
      const tookEffect = STEPS.indexOf(run.step) >= 2 && run.kind !== 'unreachable';
      expect(current === first).toBe(!tookEffect);
      // No more than one, including those that a success has cleared.
      expect(sandbox.calls.filter(({ code }) => code === '10001').length).toBe(
        run.step === 'after the pending write' || run.kind === 'unreachable' ? 1 : 0,
      );
      expect(await works(current)).toBe(true);
      expect(await recovering.run({ do: 'token', callers: 5 })).toEqual({ token: 5 });
      // The next rotation is an ordinary one.
      expect(await recovering.run({ do: 'rotate', keepOldFor30Days: true })).toBe(null);
      expect(await works(content().current)).toBe(true);
    },
  );

  // Concurrent, because each waits until the lease of the killed process has ended.
  it.concurrent.each(STEPS.slice(2))(
    'and whose recovery is killed %s is ended by the next one, at one attempt each at most',
    async (step) => {
      const next = fleet.start();
      const here = await place();
      const { sandbox, options, content, works } = here;
      await interrupt(here, fleet.start(), { step: 'after the pending write', keepOldFor30Days: false, fault: undefined });
      const worker = await opened(fleet.start(), options);
      const [standing, heard] = [worker.reached(step), here.asked('POST')];
      worker.run({ do: 'recover', stopAt: step }).catch(() => {});
      await standing;
      if (step === 'after the request was sent') await heard;
      await worker.kill();

      await opened(next, options);
      expect(await next.run({ do: 'recover' })).toBe(null);
      expect(content().pending).toBe(null);
      expect(await works(content().current)).toBe(true);
      const failed = sandbox.calls.filter(({ code }) => code === '10001').length;
      // A process that was killed before it recorded the refusal has told nobody; a recorded refusal is not tried again.
      expect(failed).toBe(STEPS.indexOf(step) < STEPS.indexOf('before the promotion') ? 2 : 1);
    },
  );

  it('at any moment, again and again, leaves a secret that works', async () => {
    const here = await place();
    const { sandbox, content, works } = here;
    // Without a store, because the next process would wait for the lease of the killed one.
    const { storePath: _, ...options } = here.options;
    for (let round = 0; round < KILLS * 2 * STEPS.length; round += 1) {
      const worker = await opened(fleet.start(), options);
      const step = STEPS[round % STEPS.length] as Step; // the rest is less than the length
      const passed = worker.reached(step);
      const ended = worker.run({ do: 'rotate', keepOldFor30Days: Math.floor(round / STEPS.length) % 2 === 0 }).catch(() => {});
      // The process does not stop there: the signal meets it wherever it is by then.
      await passed;
      await worker.kill();
      await ended;

      const before = sandbox.failedAttempts;
      await opened(recovering, options);
      expect(await recovering.run({ do: 'recover' })).toBe(null);
      expect(sandbox.failedAttempts - before).toBeLessThanOrEqual(1);
      expect(content().pending).toBe(null);
      expect(await works(content().current)).toBe(true);
    }
    expect(sandbox.locked).toBe(false);
  });
});
