import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The folder of the bench: packages are found from here. */
export const BENCH = join(import.meta.dirname, '../..');

/** Runs Node in a process of its own, without what would change how it starts, and reads what it prints. */
export const inProcess = <T>(args: readonly string[]): T => {
  const { NODE_COMPILE_CACHE, NODE_OPTIONS, ...env } = process.env;
  return JSON.parse(execFileSync(process.execPath, args, { cwd: BENCH, env, encoding: 'utf8', maxBuffer: 2 ** 24 }));
};

/** The same for one of the programs in this folder. */
export const inProgram = <T>(file: string, ...args: readonly string[]): T =>
  inProcess(['--expose-gc', join(import.meta.dirname, file), ...args]);
