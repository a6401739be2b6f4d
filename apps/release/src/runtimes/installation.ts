import { globSync } from 'node:fs';
import { join } from 'node:path';
import { tried } from '../run.ts';
import { RELEASE } from '../workspace.ts';

/** A workspace of its own, which pins the runtimes. */
export const RUNTIMES: string = join(RELEASE, 'runtimes');

const MODULES = join(RUNTIMES, 'node_modules');

/** A registry that is not there is found out about in seconds: by default pnpm tries for minutes. */
const PATIENCE = ['--config.fetch-retries=1', '--config.fetch-retry-mintimeout=1000'];

/** Runs `pnpm install` in a directory, and answers in one line what went wrong, if anything did. */
export const install = async (cwd: string, ...args: readonly string[]): Promise<string | undefined> => {
  const { code, out, err } = await tried('pnpm', ['install', '--prefer-offline', ...PATIENCE, ...args], { cwd });
  // With an optional dependency that cannot be had, pnpm complains and succeeds.
  const [complaint] = /ERR_PNPM.*/.exec(out + err) ?? [];
  const [, cause] = /╰─▶ (.*)/.exec(out + err) ?? [];
  if (complaint !== undefined) return cause === undefined ? complaint : `${complaint}: ${cause}`;
  return code === 0 ? undefined : `pnpm install ended with ${code}. ${err.trim().split('\n').at(-1)}`;
};

/** Each runtime is optional there, so that one that cannot be had does not stop the others. */
export const installRuntimes = (): Promise<string | undefined> => install(RUNTIMES, '--frozen-lockfile');

/** A file of what was installed, by a pattern, as packages with programs are named after the machine. */
export const installed = (pattern: string): string | undefined => {
  const [found] = globSync(pattern, { cwd: MODULES });
  return found === undefined ? undefined : join(MODULES, found);
};
