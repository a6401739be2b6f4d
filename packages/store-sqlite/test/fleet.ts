import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command, Line } from './worker.ts';

/** A process that runs `worker.ts`. */
export interface Worker {
  readonly send: (command: Command) => void;
  /** The next line that it prints; rejects if it ends before. */
  readonly next: () => Promise<Line>;
  /** The lines that were printed and not yet taken. */
  readonly printed: readonly Line[];
  readonly kill: () => void;
  readonly exited: Promise<void>;
}

/** Starts a process, with these flags of Node. */
export const startWorker = (...flags: readonly string[]): Worker => {
  const program = join(import.meta.dirname, 'worker.ts');
  const child = spawn(process.execPath, ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning', ...flags, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const printed: Line[] = [];
  let wake = (): void => {};
  let hasEnded = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    printed.push(JSON.parse(line));
    wake();
  });
  const exited = new Promise<void>((resolve) => {
    child.on('close', () => {
      hasEnded = true;
      wake();
      resolve();
    });
  });
  // One that was killed takes no more commands.
  child.stdin.on('error', () => {});

  return {
    send: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    next: async () => {
      for (;;) {
        const line = printed.shift();
        if (line) return line;
        if (hasEnded) throw new Error('The process ended before it answered.');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    printed,
    kill: () => void child.kill('SIGKILL'),
    exited,
  };
};
