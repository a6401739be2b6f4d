import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pluginOf } from '../../providers.ts';
import type { Scene } from './action.ts';

/** A process that holds the lease and does not get on. */
export interface LeaseHolder {
  readonly pid: number;
  /** Without a warning, as when a machine runs out of memory. */
  readonly kill: () => Promise<void>;
}

/** What the process is told. Over a pipe: arguments and environments can be read by others. */
export interface LeaseHolderTask {
  readonly provider: Scene['provider']['id'];
  readonly settings: Readonly<Record<string, string>>;
  readonly directory: Scene['product']['directory'];
  readonly redisUrl: string | undefined;
  readonly userId: string;
}

const PROGRAM = fileURLToPath(new URL('lease-holder-process.ts', import.meta.url));

/** Resolves once it holds the lease. */
export const startLeaseHolder = async ({ product, provider, userId }: Scene): Promise<LeaseHolder> => {
  const child = fork(PROGRAM, [], {
    execArgv: ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const gone = once(child, 'exit');
  const settings = pluginOf(provider.id).fields.flatMap(({ variable }) => {
    const value = product.settings.get(variable);
    return value === undefined ? [] : [[variable, value] as const];
  });
  const { directory, redisUrl } = product;
  const task: LeaseHolderTask = { provider: provider.id, settings: Object.fromEntries(settings), directory, redisUrl, userId };
  child.send(task);
  await Promise.race([
    once(child, 'message'),
    gone.then(() => {
      throw new Error('The other process ended before it held the lease.');
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};
