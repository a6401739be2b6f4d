import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { diagrams } from '../diagrams/diagrams.ts';
import { STYLE } from '../diagrams/draw.ts';
import { race } from '../landing/race.ts';
import { DOCS, GENERATED, REPOSITORY } from '../paths.ts';
import { committed, write } from './committed.ts';
import { documents } from './documents.ts';
import { packageOf, type Resolve, rewriteLinks } from './links.ts';

const LANDING = { source: 'apps/docs/index.md', page: 'index.md' };

/** Writes every page that is not reference, with links as they have to be in the site. */
export const stage = (): void => {
  for (const [path, text] of committed()) write(join(DOCS, path), text);
  const all = documents();
  const pages = new Map([...all, LANDING].map(({ source, page }) => [source, page]));
  const landing = readFileSync(join(DOCS, 'index.md'), 'utf8').replace('<!-- race -->', race());
  for (const { source, page, text } of [...all, { ...LANDING, text: landing }])
    write(
      join(GENERATED, page),
      `${rewriteLinks(text, source, resolver(page, pages))}${page.startsWith('packages/') ? exportsOf(page) : ''}`,
    );
  for (const [name, svg] of diagrams()) write(join(GENERATED, `public/diagrams/${name}.svg`), svg);
  write(join(GENERATED, 'public/favicon.svg'), readFileSync(join(DOCS, 'favicon.svg'), 'utf8'));
  write(join(GENERATED, 'diagram.css'), STYLE);
};

/** Writes the reference. */
export const stageReference = (): void => {
  const args = '--conditions=workspace-source node_modules/typedoc/bin/typedoc --options typedoc.config.js --logLevel Warn';
  if (spawnSync(process.execPath, args.split(' '), { cwd: DOCS, stdio: 'inherit' }).status !== 0)
    throw new Error('There is no reference: TypeDoc had something to say, see above.');
};

/** What is a page of the site is linked there, everything else in the repository, if it is known where that is. */
const resolver =
  (from: string, pages: ReadonlyMap<string, string>): Resolve =>
  ({ path, anchor }) => {
    const [, diagram] = /^apps\/docs\/(diagrams\/.+)$/.exec(path) ?? [];
    const readme = packageOf(path);
    const to = diagram ?? pages.get(readme === undefined ? path : `packages/${readme}/README.md`);
    if (to !== undefined) return `${posix.relative(posix.dirname(from), to)}${anchor}`;
    return REPOSITORY === undefined ? undefined : `${REPOSITORY}/blob/main/${path}${anchor}`;
  };

const exportsOf = (page: string): string =>
  `\n## Reference\n\n[Everything that it exports](../reference/${basename(page, '.md')}/index.md), by what it is for.\n`;
