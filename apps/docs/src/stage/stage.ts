import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { diagrams } from '../diagrams/diagrams.ts';
import { STYLE } from '../diagrams/draw.ts';
import { race } from '../landing/race.ts';
import { DOCS, GENERATED } from '../paths.ts';
import { committed } from './committed.ts';
import { documents } from './documents.ts';
import { packageOf, type Resolve, rewriteLinks } from './links.ts';
import { repositoryUrl } from './repository.ts';
import { write } from './write.ts';

const LANDING = { source: 'apps/docs/index.md', page: 'index.md' };

/** Writes every page that is not reference, with links as they have to be in the site. Files that would not change stay untouched. */
export const stage = (): void => {
  for (const [path, text] of committed()) write(join(DOCS, path), text);
  const landing = readFileSync(join(DOCS, 'index.md'), 'utf8').replace('<!-- race -->', race());
  for (const { source, page, text } of [...documents(), { ...LANDING, text: landing }])
    write(join(GENERATED, page), `${rewriteLinks(text, source, resolver(page))}${isReadme(page) ? reference(page) : ''}`);
  for (const [name, svg] of diagrams()) write(join(GENERATED, `public/diagrams/${name}.svg`), svg);
  write(join(GENERATED, 'diagram.css'), STYLE);
  write(join(GENERATED, 'public/favicon.svg'), readFileSync(join(DOCS, 'favicon.svg'), 'utf8'));
};

/** What is a page of the site is linked there, everything else in the repository, if this copy of it knows where that is. */
const resolver = (from: string): Resolve => {
  const pages = new Map([...documents(), LANDING].map(({ source, page }) => [source, page]));
  return ({ path, anchor }) => {
    const readme = packageOf(path);
    const to = path.startsWith('apps/docs/diagrams/')
      ? path.slice('apps/docs/'.length)
      : pages.get(readme === undefined ? path : `packages/${readme}/README.md`);
    if (to !== undefined) return `${posix.relative(posix.dirname(from), to)}${anchor}`;
    return repositoryUrl === undefined ? undefined : `${repositoryUrl}/blob/main/${path}${anchor}`;
  };
};

const isReadme = (page: string): boolean => page.startsWith('packages/');

const reference = (page: string): string => {
  const name = posix.basename(page, '.md');
  return `\n## Reference\n\n[Everything that it exports](../reference/${name}/index.md), by what it is for.\n`;
};
