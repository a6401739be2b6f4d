// The process under load: one sandbox, which tells what it uses when it is asked. Needs an IPC channel and --expose-gc.
import { budgeaSandbox, finicitySandbox } from '../src/index.ts';
import type { Serving, Usage } from './served.ts';

const sandbox = process.argv[2] === 'budgea' ? budgeaSandbox() : finicitySandbox();
const { url, close } = await sandbox.listen();

const usage = (): Usage => {
  // Once: each collection is a pause, which the latencies show.
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { rss, heapUsed, cpu: (user + system) / 1000 };
};

process.on('message', () => process.send?.(usage()));
process.once('disconnect', close);
process.send?.({ url, environment: sandbox.environment(url) } satisfies Serving);
