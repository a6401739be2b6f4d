import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagrams } from '../diagrams/diagrams.ts';
import { DOCS, GENERATED, ROOT } from '../paths.ts';
import { writeCommitted } from './committed.ts';
import { type Document, documents } from './documents.ts';
import { packageOf, type Resolve, rewriteLinks } from './links.ts';

const DIAGRAMS = 'apps/docs/diagrams/';

/**
 * Writes everything that TypeDoc reads beside the sources: documents with links that it can follow, and diagrams. Throws where links of
 * documents lead nowhere, and names them all.
 */
export const stage = (): readonly Document[] => {
  rmSync(GENERATED, { recursive: true, force: true });
  mkdirSync(GENERATED, { recursive: true });
  writeCommitted();
  for (const [name, svg] of diagrams()) writeFileSync(join(GENERATED, `${name}.svg`), svg);
  const all = documents();
  const lost: string[] = [];
  const links = (text: string, source: string): string =>
    rewriteLinks(
      text,
      source,
      resolver(all, (path) => lost.push(`${source}: ${path}`)),
    );
  for (const { name, title, group, source, text } of all) {
    const front = ['---', `slug: ${name}`, `title: ${JSON.stringify(title)}`, `group: ${JSON.stringify(group)}`, '---', '', ''].join('\n');
    writeFileSync(join(GENERATED, `${name}.md`), `${front}${links(text, source)}\n`);
  }
  writeFileSync(join(GENERATED, 'index.md'), links(readFileSync(join(DOCS, 'index.md'), 'utf8'), 'apps/docs/index.md'));
  if (lost.length > 0) throw new Error(`These links lead to files that do not exist:\n${lost.join('\n')}`);
  return all;
};

/** Links to other documents become siblings, those to packages lead to their READMEs; other files of the repository are not in the site. */
const resolver =
  (all: readonly Document[], lose: (path: string) => void): Resolve =>
  ({ path, anchor }) => {
    const document = all.find((other) => other.source === path);
    if (document !== undefined) return `${document.name}.md${anchor}`;
    if (path.startsWith(DIAGRAMS)) return path.slice(DIAGRAMS.length);
    if (!existsSync(join(ROOT, path))) lose(path);
    const name = packageOf(path);
    return name === undefined ? undefined : `../../../packages/${name}/README.md${anchor}`;
  };
