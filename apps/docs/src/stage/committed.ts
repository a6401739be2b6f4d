import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diagrams } from '../diagrams/diagrams.ts';
import { DOCS } from '../paths.ts';
import { errorsPage } from './errors-page.ts';

/** What is made from sources and committed all the same, as links of guides lead to it in the repository too. By its path in `apps/docs`. */
const committed = (): ReadonlyMap<string, string> =>
  new Map([['guides/errors.md', errorsPage()], ...[...diagrams()].map(([name, svg]) => [`diagrams/${name}.svg`, svg] as const)]);

/** The paths of those that are not what they would be now. */
export const stale = (): readonly string[] =>
  [...committed()].filter(([path, text]) => textOf(join(DOCS, path)) !== text).map(([path]) => `apps/docs/${path}`);

/** Writes them. */
export const writeCommitted = (): void => {
  for (const [path, text] of committed()) {
    const file = join(DOCS, path);
    if (textOf(file) === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
};

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
