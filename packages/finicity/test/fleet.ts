import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command, Line, Step } from './protocol.ts';

/** A process that runs `worker.ts`. */
export interface Worker {
  /** Resolves to the result, or to the code of the error. Rejects if the process ends before it has answered. */
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
  const living = new Set<Worker>();
  let paths = 0;

  const start = (): Worker => {
    const child = spawn(process.execPath, [...FLAGS, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    const worker = workerOf(child, () => living.delete(worker));
    living.add(worker);
    return worker;
  };
  return {
    start,
    newPath: () => {
      paths += 1;
      return join(directory, String(paths));
    },
    close: async () => {
      await Promise.all([...living].map(({ kill }) => kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const workerOf = (child: ChildProcess, ended: () => void): Worker => {
  const answers = new Map<number, { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }>();
  let watchers: readonly { readonly step: Step; readonly resolve: () => void }[] = [];
  let sent = 0;

  const heard = (line: Line): void => {
    if ('step' in line) {
      for (const { step, resolve } of watchers) if (step === line.step) resolve();
      watchers = watchers.filter(({ step }) => step !== line.step);
    } else answers.get(line.number)?.resolve('failure' in line ? line.failure : line.result);
  };
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (text) => heard(JSON.parse(text)));
  const exited = new Promise<void>((resolve) => {
    child.on('close', () => {
      ended();
      for (const { reject } of answers.values()) reject(new Error('The process ended before it answered.'));
      resolve();
    });
  });
  // A killed process accepts no more commands; `run` rejects.
  child.stdin?.on('error', () => {});

  return {
    run: (command) => {
      sent += 1;
      const answer = new Promise<unknown>((resolve, reject) => void answers.set(sent, { resolve, reject }));
      child.stdin?.write(`${JSON.stringify({ number: sent, command })}\n`);
      return answer;
    },
    reached: (step) =>
      new Promise((resolve) => {
        watchers = [...watchers, { step, resolve }];
      }),
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
};
