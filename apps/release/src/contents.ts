// What each tarball contains, and how tools resolve it: by our own rules, by publint, and by «Are the types wrong?».
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { COPY_PREFIX } from '@auth/scripts/copy';
import { violations } from './rules.ts';
import { run, tried } from './run.ts';
import { type Tarball, tarballs } from './tarballs.ts';
import { packagesOf, RELEASE, ROOT } from './workspace.ts';

const PLACES = [`${ROOT}/`, `${homedir()}/`, COPY_PREFIX];

const violationsIn = async ({ path }: Tarball): Promise<readonly string[]> => {
  const unpacked = mkdtempSync(join(tmpdir(), 'unpacked-'));
  try {
    await run('tar', ['-xzf', path, '-C', unpacked, '--strip-components=1'], { cwd: unpacked });
    const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(unpacked, join(parentPath, name)));
    return violations({ files, read: (file) => readFileSync(join(unpacked, file), 'utf8') }, PLACES);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
};

const complaintsOf = async (program: string, ...args: readonly string[]): Promise<readonly string[]> => {
  const { code, out, err } = await tried(program, args, { cwd: ROOT });
  return code === 0 ? [] : [`${program.split('/').at(-1)}:\n${out}${err}`.trimEnd()];
};

const ATTW = ['--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji', '--entrypoints'];
for (const tarball of tarballs()) {
  const entries = Object.keys(packagesOf().find(({ name }) => name === tarball.name)?.manifest.exports ?? {});
  const findings = await Promise.all([
    violationsIn(tarball),
    complaintsOf(join(ROOT, 'node_modules/.bin/publint'), 'run', tarball.path, '--strict'),
    complaintsOf(join(RELEASE, 'node_modules/.bin/attw'), tarball.path, ...ATTW, ...entries),
  ]);
  for (const finding of findings.flat()) {
    console.error(`${tarball.name}: ${finding}`);
    process.exitCode = 1;
  }
}
