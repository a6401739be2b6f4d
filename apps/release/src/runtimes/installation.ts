import { globSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, tried } from '../run.ts';
import { RELEASE } from '../workspace.ts';

/** A workspace of its own, which pins the runtimes. */
export const RUNTIMES: string = join(RELEASE, 'runtimes');

const MODULES = join(RUNTIMES, 'node_modules');

/** A registry that is not there is found out about in seconds: by default pnpm tries for minutes. */
const PATIENCE = ['--config.fetch-retries=1', '--config.fetch-retry-mintimeout=1000'];

/** What went wrong at an installation. */
export interface Trouble {
  /** In one line. */
  readonly sentence: string;
  /** Whether it was no more than a registry that cannot be reached. */
  readonly isOffline: boolean;
  /** Whether nothing was installed, and what was there before still is. Else just what could not be had is missing. */
  readonly isStale: boolean;
}

/** How pnpm says that it has not got something, and cannot reach the registry. */
const OFFLINE = /error sending request|_NETWORK_ERROR|_NO_OFFLINE_/;

/** Says only that another complaint follows. */
const OUTER = /^ERR_PNPM_META_FETCH_FAIL$/;

/** Reads what pnpm said. With an optional dependency that cannot be had, it complains and succeeds. */
export const troubleIn = ({ code, out, err }: Ended): Trouble | undefined => {
  const complaints = [...`${out}${err}`.matchAll(/ERR_PNPM.*/g)].map(([line]) => line.trim()).filter((line) => !OUTER.test(line));
  if (complaints.length === 0 && code === 0) return undefined;
  // What is not about the registry matters more.
  const worst = complaints.find((line) => !OFFLINE.test(line)) ?? complaints[0];
  const [, cause] = /╰─▶ (.*)/.exec(out + err) ?? [];
  const more = cause === undefined || worst?.includes(cause) ? '' : ` ${cause}`;
  return {
    sentence: worst === undefined ? `pnpm install ended with ${code}.${more} ${err.trim().split('\n').at(-1)}`.trim() : `${worst}${more}`,
    isOffline: worst !== undefined && OFFLINE.test(worst),
    isStale: code !== 0,
  };
};

/** Runs `pnpm install` in a directory, and answers what went wrong, if anything did. */
export const install = async (cwd: string, ...args: readonly string[]): Promise<Trouble | undefined> =>
  troubleIn(await tried('pnpm', ['install', '--prefer-offline', ...PATIENCE, ...args], { cwd, deadline: 900_000 }));

/** Each runtime is optional there, so that one that cannot be had does not stop the others. */
export const installRuntimes = (): Promise<Trouble | undefined> => install(RUNTIMES, '--frozen-lockfile');

/** Finds a file of what was installed, by a pattern, as packages with programs are named after the machine. */
export type Find = (pattern: string) => string | undefined;

/** Where an installation broke off, what is there is of another day, and none of it is found. */
export const foundAfter = (trouble: Trouble | undefined): Find => (trouble?.isStale ? () => undefined : installed);

const installed: Find = (pattern) => {
  const [found] = globSync(pattern, { cwd: MODULES });
  return found === undefined ? undefined : join(MODULES, found);
};
