// Copies the guides that concern a package into its folder, so that they travel in its tarball and match its version. Run by `prepack`, in
// the package's folder.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { diagrams } from './diagrams/diagrams.ts';
import { documents } from './stage/documents.ts';
import { packageOf, rewriteLinks, type Target } from './stage/links.ts';

const folder = process.cwd();
const name = basename(folder);
const wanted = documents().filter(({ packages }) => packages.includes(name));
const drawn = diagrams();
const out = join(folder, 'docs');

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
for (const { source, text } of wanted) writeFileSync(join(out, basename(source)), rewriteLinks(text, source, inPackage));
console.log(`${wanted.length} guides are in packages/${name}/docs.`);

/** What travels along can be reached; of the rest the words stay. */
function inPackage({ path, anchor }: Target): string | undefined {
  if (wanted.some(({ source }) => source === path)) return `${basename(path)}${anchor}`;
  const svg = drawn.get(basename(path, '.svg'));
  if (svg !== undefined && path.endsWith('.svg')) {
    writeFileSync(join(out, basename(path)), svg);
    return basename(path);
  }
  return packageOf(path) === name ? `../README.md${anchor}` : undefined;
}
