import { join } from 'node:path';
import { diagrams } from '../diagrams/diagrams.ts';
import { DOCS } from '../paths.ts';
import { errorsPage } from './errors-page.ts';
import { textOf } from './write.ts';

/** What is made from sources and committed all the same, as links of guides lead to it in the repository too. By its path in `apps/docs`. */
export const committed = (): ReadonlyMap<string, string> =>
  new Map([['guides/errors.md', errorsPage()], ...[...diagrams()].map(([name, svg]) => [`diagrams/${name}.svg`, svg] as const)]);

/** The paths of those that are not what they would be now. */
export const stale = (): readonly string[] =>
  [...committed()].filter(([path, text]) => textOf(join(DOCS, path)) !== text).map(([path]) => `apps/docs/${path}`);
