// What each tarball contains, and how tools resolve it: by our own rules, by publint, and by «Are the types wrong?».
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { tried } from '../run.ts';
import { type Tarball, tarballs } from '../tarballs.ts';
import { packagesOf, RELEASE, ROOT } from '../workspace.ts';
import { violations } from './rules.ts';
import { unpack } from './unpacked.ts';

/** Packing happens in a copy of the workspace, in a directory of this name. */
const PLACES = [`${ROOT}/`, `${homedir()}/`, join(tmpdir(), 'workspace-')];

const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8');

const contentsOf = async (tarball: Tarball): Promise<readonly string[]> => {
  const unpacked = await unpack(tarball);
  try {
    return violations(unpacked, { places: PLACES, licence });
  } finally {
    unpacked.remove();
  }
};

const saidBy = async (program: string, ...args: readonly string[]): Promise<readonly string[]> => {
  const { code, out, err } = await tried(program, args, { cwd: ROOT });
  return code === 0 ? [] : [`${program.split('/').at(-1)}:\n${out}${err}`.trimEnd()];
};

/** Those that are published: one without a default is for this workspace only. */
const entriesOf = ({ name }: Tarball): readonly string[] =>
  Object.keys(packagesOf().find((one) => one.name === name)?.manifest.exports ?? {});

const publint = join(ROOT, 'node_modules/.bin/publint');
const attw = join(RELEASE, 'node_modules/.bin/attw');

const all = await Promise.all(
  tarballs().map(async (tarball) => {
    const findings = await Promise.all([
      contentsOf(tarball),
      saidBy(publint, 'run', tarball.path, '--strict'),
      saidBy(
        attw,
        tarball.path,
        '--profile',
        'esm-only',
        '--format',
        'ascii',
        '--no-color',
        '--no-emoji',
        '--entrypoints',
        ...entriesOf(tarball),
      ),
    ]);
    return findings.flat().map((finding) => `${tarball.name}: ${finding}`);
  }),
);

for (const finding of all.flat()) console.error(finding);
process.exitCode = all.flat().length === 0 ? 0 : 1;
