import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** What the process under load says first. */
export interface Serving {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the process under load has and has used. */
export interface Usage {
  /** Bytes, after garbage collection. */
  readonly rss: number;
  readonly heapUsed: number;
  /** Milliseconds of processor time so far. */
  readonly cpu: number;
}

/** A sandbox in a process of its own. */
export interface Served extends Serving {
  readonly usage: () => Promise<Usage>;
  readonly end: () => Promise<void>;
}

/** Whether a process can be held on one core here. Elsewhere only its one thread of JavaScript holds it back. */
export const canPin: boolean = spawnSync('taskset', ['--cpu-list', '0', 'true']).status === 0;

/** Starts a sandbox, on one core where that is possible. */
export const served = async (vendor: string): Promise<Served> => {
  const node = [process.execPath, '--conditions=workspace-source', '--expose-gc'];
  const [execPath = process.execPath, ...execArgv] = canPin ? ['taskset', '--cpu-list', '0', ...node] : node;
  const child = fork(new URL('serve.ts', import.meta.url), [vendor], { execPath, execArgv });
  const exited = once(child, 'exit').then(() => Promise.reject(new Error('The process under load ended.')));
  // What arrives is what `serve.ts` sends, in this order.
  const [serving] = (await Promise.race([once(child, 'message'), exited])) as [Serving];
  return {
    ...serving,
    usage: async () => {
      const answer = once(child, 'message');
      child.send('usage');
      const [usage] = (await answer) as [Usage]; // the only thing it sends when asked
      return usage;
    },
    end: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
};
