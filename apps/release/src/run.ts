import { spawn } from 'node:child_process';

/** How a program ended, and all that it said. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a program gets besides its arguments. */
export interface RunOptions {
  readonly cwd: string;
  /** Beside what this process has. `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is killed. */
  readonly deadline?: number;
}

/** Runs a program to its end, whatever that is. */
export const tried = (program: string, args: readonly string[], { cwd, env = {}, deadline = 300_000 }: RunOptions): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own, which goes on waiting for a program that could not be started.
    const timer = setTimeout(() => child.kill(), deadline);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    const end = (ended: Ended): void => {
      clearTimeout(timer);
      resolve(ended);
    };
    child.on('error', ({ message }) => end({ code: 127, out, err: `${err}${message}` }));
    child.on('close', (code, signal) => end({ code: code ?? 1, out, err: signal === null ? err : `${err}Ended by ${signal}.` }));
  });

/** Runs a program that has to succeed, and answers what it printed. */
export const run = async (program: string, args: readonly string[], options: RunOptions): Promise<string> => {
  const { code, out, err } = await tried(program, args, options);
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code} in ${options.cwd}:\n${out}${err}`);
  return out;
};
