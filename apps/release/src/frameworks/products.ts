import { cpSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { run } from '../run.ts';
import { tarballs } from '../tarballs.ts';
import { RELEASE, ROOT } from '../workspace.ts';

/** A workspace of its own: small products, and what they are made with. */
export const FRAMEWORKS: string = join(RELEASE, 'frameworks');

/** What the guides show is what runs here, word for word: by the product's file, which the block in the guide begins with. */
const FROM_GUIDES: readonly (readonly [guide: string, product: string, file: string])[] = [
  ['test-your-integration', 'jest', 'jest.config.mjs'],
  ['test-your-integration', 'jest', 'bank-job.spec.ts'],
  ['behind-a-proxy', 'proxy', 'transport.ts'],
];

/**
 * Copies the products out of this repository, so that nothing of it is found from there, and installs them with the tarballs as further
 * dependencies. Everything else is installed as the lockfile says. Answers the directory, which is removed when this process ends.
 */
export const installProducts = async (): Promise<string> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'products-')));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  cpSync(FRAMEWORKS, folder, { recursive: true, filter: (file) => !['node_modules', '.next'].includes(basename(file)) });
  for (const name of ['expect.js', 'sandbox.js']) cpSync(join(RELEASE, 'src/runtimes/program', name), join(folder, 'shared', name));
  for (const version of ['next14', 'next16']) cpSync(join(folder, 'next'), join(folder, version), { recursive: true });
  for (const [guide, product, file] of FROM_GUIDES) writeFileSync(join(folder, product, file), blockOf(guide, file));

  const ours = Object.fromEntries(tarballs().map(({ name, path }) => [name, `file:${path}`]));
  for (const file of globSync('*/package.json', { cwd: folder })) {
    if (dirname(file) === 'shared') continue;
    const manifest = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    writeFileSync(join(folder, file), JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...ours } }));
  }
  const settings = join(folder, 'pnpm-workspace.yaml');
  // JSON is YAML. The packages find each other's tarballs by the overrides: in a registry the same names are another project's.
  writeFileSync(settings, JSON.stringify({ ...parse(readFileSync(settings, 'utf8')), overrides: ours, ignoreScripts: true }));
  await run('pnpm', ['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd: folder, deadline: 900_000 });
  return folder;
};

/** The block of a guide that begins with the name of this file. */
const blockOf = (guide: string, file: string): string => {
  const text = readFileSync(join(ROOT, 'apps/docs/guides', `${guide}.md`), 'utf8');
  const found = text.split(/^```/m).find((part) => part.split('\n')[1] === `// ${file}`);
  if (found === undefined) throw new Error(`The guide ${guide} has no block that begins with the line // ${file}.`);
  return found.slice(found.indexOf('\n') + 1);
};
