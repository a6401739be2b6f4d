import { cpSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, run } from './run.ts';
import { ROOT } from './workspace.ts';

/** A copy of the working tree, in which everything may be changed. */
export interface Copy {
  readonly root: string;
  /** Runs a command of the workspace there: `pnpm exec` with these arguments. */
  readonly exec: (...args: readonly string[]) => Promise<string>;
  readonly remove: () => void;
}

/** Copies what git knows or would take, and what was built, into a new directory, and installs there. What is run in it gets these variables too. */
export const copyOfWorkspace = async (env: RunOptions['env'] = {}): Promise<Copy> => {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'));
  const listed = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT });
  const built = globSync('packages/*/dist', { cwd: ROOT });
  // What git still lists may be deleted.
  for (const file of [...listed.split('\0').filter((name) => name !== ''), ...built])
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(root, file), { recursive: true });
  // A repository of its own, so that no tool looks for one above, and changesets has something to compare with.
  const git = (...args: readonly string[]): Promise<string> => run('git', args, { cwd: root });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('-c', 'user.name=copy', '-c', 'user.email=copy@localhost', 'commit', '--quiet', '--no-verify', '--message=As it is');
  await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { cwd: root });
  return {
    root,
    exec: (...args) => run('pnpm', ['exec', ...args], { cwd: root, env }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
