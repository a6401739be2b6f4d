import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FOLDER } from './compile.ts';
import type { Module } from './modules.ts';

const ARGUMENTS = ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'];

/** None of ours: an example gets its variables from itself. */
const OPTIONS = { cwd: FOLDER, env: { PATH: process.env['PATH'] }, timeout: 120_000 };

/** Runs what is marked `runnable`, two at a time, and answers what did not end well. */
export const runAll = async (modules: readonly Module[]): Promise<readonly string[]> => {
  const waiting = [...modules];
  const complaints: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, block } = next;
      const done = promisify(execFile)(process.execPath, [...ARGUMENTS, join(FOLDER, name)], OPTIONS);
      const complain = (said: string): unknown => complaints.push(`${block.source}:${block.line}: ${said.trim().slice(0, 600)}`);
      await done.catch((error) => complain(String(error.stderr || error)));
    }
  };
  await Promise.all([work(), work()]);
  return complaints;
};
