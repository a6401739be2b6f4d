import { type Fleet, heard, total, type Worker } from '../test/fleet.ts';
import type { Answer, Place, Result } from '../test/protocol.ts';

/** What the loss of the process that asks costs the seven others. */
export interface Loss {
  readonly calls: number;
  /** Callers of living processes that got no token. */
  readonly failed: number;
  /** From the signal until the last of them had its token, without the vendor's own time; milliseconds. */
  readonly wait: number;
}

/** Milliseconds that the vendor takes. */
export const UPSTREAM = 200;

export const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Eight processes with a hundred callers each; the one that asks the vendor is killed, or stopped for as long as the others need. */
export const loseHolder = async (fleet: Fleet, place: Place, signal: 'SIGKILL' | 'SIGSTOP'): Promise<Loss> => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const upstream = await fleet.upstream(async (_, index): Promise<Answer> => {
    if (index === 0) await released;
    else await sleep(UPSTREAM);
    return { value: `t${index}`, lifetime: 7_200_000 };
  });
  const workers = await fleet.open(8, { place, key: crypto.randomUUID(), url: upstream.url, secret: 'right' });
  const runs = workers.map((worker) => ({ worker, result: worker.run({ do: 'token', callers: 100 }) }));
  // The killed one does not answer.
  for (const { result } of runs) result.catch(() => {});
  await fleet.until(() => upstream.calls.length === 1 && heard('lease_waited', workers) === 7);

  const holder = (worker: Worker): boolean => worker.pid === upstream.calls[0]?.pid;
  const signalled = performance.now();
  workers.find(holder)?.signal(signal);
  const others = await Promise.all(runs.filter(({ worker }) => !holder(worker)).map(({ result }) => result));
  const wait = performance.now() - signalled - UPSTREAM;

  workers.find(holder)?.signal('SIGCONT');
  release();
  const own = signal === 'SIGSTOP' ? await Promise.all(runs.filter(({ worker }) => holder(worker)).map(({ result }) => result)) : [];
  return { calls: upstream.calls.length, failed: failedOf([...others, ...own]), wait: Math.round(wait) };
};

/** Tokens are named t0, t1 …; all else are codes of errors. */
export const failedOf = (results: readonly Result[]): number =>
  Object.entries(total(results)).reduce((sum, [name, count]) => sum + (/^t\d+$/.test(name) ? 0 : count), 0);
