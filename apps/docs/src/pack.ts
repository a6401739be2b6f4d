// Copies the guides that concern a package into its folder, so that they travel in its tarball and match its version. Run by `prepack`, in
// the package's folder.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { diagrams } from './diagrams/diagrams.ts';
import { documents } from './stage/documents.ts';
import { packageOf, rewriteLinks, type Target } from './stage/links.ts';

const GUIDES: Readonly<Record<string, readonly string[]>> = {
  core: [
    ...[
      'installing',
      'switch-vendors',
      'token-life',
      'connect-a-bank',
      'run-on-many-machines',
      'bring-your-tokens',
      'use-it-with',
      'observe',
    ],
    ...['test-your-integration', 'errors', 'security-model', 'go-live', 'versioning', 'add-a-provider'],
  ],
  finicity: [
    'quick-start',
    'never-lock-your-account',
    'rotate-a-secret',
    'secret-managers',
    'connect-a-bank',
    'receive-webhooks',
    'move-from',
    'errors',
  ],
  budgea: [
    'users-and-tokens-at-budgea',
    'connect-a-bank',
    'receive-webhooks',
    'secret-managers',
    'bring-your-tokens',
    'move-from',
    'errors',
  ],
  sandbox: ['quick-start', 'test-your-integration'],
  conformance: ['add-a-provider', 'test-your-integration'],
  'store-sqlite': ['run-on-many-machines', 'encrypt-tokens'],
  'store-redis': ['run-on-many-machines', 'encrypt-tokens'],
  'store-encrypted': ['encrypt-tokens', 'secret-managers'],
};

const folder = process.cwd();
const name = basename(folder);
const wanted = GUIDES[name] ?? [];
const all = documents();
const drawn = diagrams();
const out = join(folder, 'docs');

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
for (const guide of wanted) {
  const document = all.find(({ page }) => page === `guides/${guide}.md`);
  if (document === undefined) throw new Error(`There is no guide «${guide}» for packages/${name}.`);
  writeFileSync(join(out, `${guide}.md`), rewriteLinks(document.text, document.source, inPackage));
}
console.log(`${wanted.length} guides are in packages/${name}/docs.`);

/** What travels along can be reached; of the rest the words stay. */
function inPackage({ path, anchor }: Target): string | undefined {
  const guide = basename(path, '.md');
  if (wanted.includes(guide) && path.startsWith('apps/docs/guides/')) return `${guide}.md${anchor}`;
  const svg = drawn.get(basename(path, '.svg'));
  if (svg !== undefined && path.endsWith('.svg')) {
    writeFileSync(join(out, basename(path)), svg);
    return basename(path);
  }
  return packageOf(path) === name ? `../README.md${anchor}` : undefined;
}
