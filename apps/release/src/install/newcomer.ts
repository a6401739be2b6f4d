import { join } from 'node:path';
import type { RunOptions } from '../run.ts';

/**
 * The environment of somebody who has told npm and pnpm nothing: without the variables of those who run this, and with the files of a user and
 * of a machine in a folder that has none. npm reads the first two files, pnpm the first, and its own below `XDG_CONFIG_HOME`.
 */
export const newcomer = (folder: string): NonNullable<RunOptions['env']> => ({
  ...Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^p?npm_|^INIT_CWD$|^NODE_OPTIONS$/i.test(name))
      .map((name) => [name, undefined]),
  ),
  npm_config_userconfig: join(folder, '.npmrc'),
  npm_config_globalconfig: join(folder, 'npmrc'),
  XDG_CONFIG_HOME: join(folder, 'config'),
});
