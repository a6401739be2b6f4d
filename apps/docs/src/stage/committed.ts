import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diagrams } from '../diagrams/diagrams.ts';
import { DOCS } from '../paths.ts';
import { errorsPage } from './errors-page.ts';

/** What is made from sources and committed all the same, as links of guides lead to it in the repository too. By its path in `apps/docs`. */
export const committed = (): ReadonlyMap<string, string> =>
  new Map([['guides/errors.md', errorsPage()], ...[...diagrams()].map(([name, svg]) => [`diagrams/${name}.svg`, svg] as const)]);

/** The paths of those that are not what they would be now. */
export const stale = (): readonly string[] =>
  [...committed()].filter(([path, text]) => !isSo(join(DOCS, path), text)).map(([path]) => `apps/docs/${path}`);

/** Writes a file, unless it is so already: a server that follows the files shows changes only. */
export const write = (file: string, text: string): void => {
  if (isSo(file, text)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

const isSo = (file: string, text: string): boolean => {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
};
