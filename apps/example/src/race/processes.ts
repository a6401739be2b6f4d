import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Deployment } from './client.ts';

/** What a process is told. It answers each order when it is done. */
export type Order = { readonly deployment: Deployment } | { readonly calls: number };

/** What a process answers. */
export interface Answer {
  readonly failed: number;
}

/** The processes of one side. */
export interface Processes {
  /** Restarts the product in all of them with this configuration, as a deployment does. */
  readonly deploy: (deployment: Deployment) => Promise<void>;
  /** So many calls in all, in all processes at once. Resolves to the number of those that failed. */
  readonly call: (calls: number) => Promise<number>;
  readonly end: () => Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('process.ts', import.meta.url));
const ARGUMENTS = ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'];

/** Starts them. They have no environment: all that they know comes with a deployment. */
export const startProcesses = async (side: 'ours' | 'handWritten', count: number): Promise<Processes> => {
  const children = Array.from({ length: count }, () => fork(PROGRAM, [side], { execArgv: ARGUMENTS, env: {} }));
  const end = async (): Promise<void> => {
    await Promise.all(children.map(ended));
  };
  try {
    await Promise.all(children.map((child) => once(child, 'spawn')));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    deploy: async (deployment) => {
      await Promise.all(children.map((child) => ask(child, { deployment })));
    },
    call: async (calls) => {
      const answers = await Promise.all(children.map((child, index) => ask(child, { calls: share(calls, count, index) })));
      return answers.reduce((sum, { failed }) => sum + failed, 0);
    },
    end,
  };
};

/** Equal parts; the first ones have one more where it does not divide. */
const share = (calls: number, count: number, index: number): number => Math.floor(calls / count) + (index < calls % count ? 1 : 0);

const ask = (child: ChildProcess, order: Order): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const done = (): void => {
      child.off('message', answered);
      child.off('exit', died);
    };
    const answered = (answer: Answer): void => {
      done();
      resolve(answer);
    };
    const died = (): void => {
      done();
      reject(new Error('A process of the race has ended before its time. Its last words are in the log of this server.'));
    };
    child.on('message', answered);
    child.on('exit', died);
    child.send(order, (error) => error && died());
  });

/** Lets it close what it has open; it has nothing to do any more, so this is soon. */
const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  else child.kill();
  await gone;
};
