import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Report, Step } from './protocol.ts';

/** A process that runs `worker.ts`. */
export interface Worker {
  /** Resolves to the result, or to the code of the error. One command at a time. Rejects if the process ends before it has answered. */
  readonly run: (command: Command) => Promise<unknown>;
  /** Resolves when the process reports that it has reached this step. */
  readonly reached: (step: Step) => Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/** The processes and files of a test file. */
export interface Fleet {
  readonly start: () => Worker;
  /** The path of a file that does not exist yet. */
  readonly newPath: () => string;
  readonly close: () => Promise<void>;
}

const PROGRAM = join(import.meta.dirname, 'worker.ts');
const FLAGS = ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'];

export const openFleet = (): Fleet => {
  const directory = mkdtempSync(join(tmpdir(), 'auth-finicity-'));
  const workers: Worker[] = [];
  let paths = 0;
  return {
    start: () => {
      const worker = startWorker();
      workers.push(worker);
      return worker;
    },
    newPath: () => {
      paths += 1;
      return join(directory, String(paths));
    },
    close: async () => {
      await Promise.all(workers.map(({ kill }) => kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const startWorker = (): Worker => {
  const child = fork(PROGRAM, { execArgv: FLAGS });
  // A killed process accepts no more commands; `run` rejects.
  child.on('error', () => {});
  const exited = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  /** The first report that this picks something of. */
  const report = <T>(pick: (report: Report) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const hear = (message: unknown): void => {
        const picked = pick(message as Report); // what the program sends
        if (picked === undefined) return;
        child.off('message', hear);
        resolve(picked);
      };
      child.on('message', hear);
      exited.then(() => reject(new Error('The process ended before it answered.')));
    });
  return {
    run: async (command) => {
      const answer = report((one) => ('step' in one ? undefined : one));
      child.send(command);
      return (await answer).result;
    },
    reached: async (step) => void (await report((one) => ('step' in one && one.step === step ? one : undefined))),
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
};
