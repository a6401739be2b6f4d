import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { FOLDER } from './compile.ts';
import type { Module } from './modules.ts';

const DEADLINE = 120_000;

/** Runs what is marked `runnable`, two at a time, and answers what did not end well. */
export const runAll = async (modules: readonly Module[]): Promise<readonly string[]> => {
  const waiting = [...modules];
  const complaints: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) complaints.push(...(await run(next)));
  };
  await Promise.all([work(), work()]);
  return complaints;
};

const run = ({ name, block }: Module): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning', join(FOLDER, name)], {
      cwd: FOLDER,
      // None of ours: an example gets its variables from itself.
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: DEADLINE,
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    child.on('close', (code, signal) => {
      if (code === 0) return resolve([]);
      const how = signal === null ? `ended with ${code}` : `did not end within ${DEADLINE / 1_000} s`;
      resolve([`${block.source}:${block.line}: ${how}: ${said.trim().slice(0, 600)}`]);
    });
  });
