import { globSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE } from '../workspace.ts';

/** A workspace of its own, which pins the runtimes. */
export const RUNTIMES: string = join(RELEASE, 'runtimes');

/** Finds a file of what was installed there, by a pattern, as packages with programs are named after the machine. */
export const installed = (pattern: string): string | undefined => {
  const [found] = globSync([pattern, `.pnpm/*/node_modules/${pattern}`], { cwd: join(RUNTIMES, 'node_modules') });
  return found && join(RUNTIMES, 'node_modules', found);
};
