import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** A copy of the working tree, in which everything may be changed. */
export interface Copy {
  readonly root: string;
  /** Runs `pnpm` with these arguments there, and answers what it printed. Throws with all of that where it fails. */
  readonly pnpm: (...args: readonly string[]) => string;
  readonly remove: () => void;
}

/** The name of its directory begins with this. */
export const COPY_PREFIX: string = join(tmpdir(), 'workspace-');

/** Copies what git knows or would add into a new directory, and installs there. */
export const copyOfWorkspace = (): Copy => {
  const root = mkdtempSync(COPY_PREFIX);
  const run = (program: string, args: readonly string[], cwd = root): string => {
    try {
      return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e8 });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }; // as execFileSync throws
      throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
    }
  };
  const listed = run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], ROOT);
  // What git still lists may be deleted.
  for (const file of listed.split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name))))
    cpSync(join(ROOT, file), join(root, file));
  // A repository of its own, so that no tool looks for one above, and changesets has something to compare with.
  run('git', ['init', '--quiet', '--initial-branch=main']);
  run('git', ['add', '--all']);
  run('git', ['-c', 'user.name=copy', '-c', 'user.email=copy@localhost', 'commit', '--quiet', '--no-verify', '--message=As it is']);
  run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline']);
  return { root, pnpm: (...args) => run('pnpm', args), remove: () => rmSync(root, { recursive: true, force: true }) };
};
