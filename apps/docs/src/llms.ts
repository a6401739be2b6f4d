import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED } from './paths.ts';
import { type Document, documents } from './stage/documents.ts';
import { rewriteLinks } from './stage/links.ts';

const ABOUT = `# Authentication to bank-data aggregators

> Server-side TypeScript packages that authenticate to Finicity (Mastercard Open Finance) and Budgea (Powens): one contract, one package per
> vendor, one engine that keeps tokens alive.
`;

/** Puts into the site what programs read: each page as Markdown beside it, a list of them, and everything but the reference in one file. */
export const writeForPrograms = (site: string): void => {
  for (const page of globSync('**/*.md', { cwd: GENERATED })) cpSync(join(GENERATED, page), join(site, page));
  const texts = documents().map(({ page }) =>
    rewriteLinks(readFileSync(join(GENERATED, page), 'utf8'), page, ({ path, anchor }) => `${path}${anchor}`),
  );
  writeFileSync(join(site, 'llms.txt'), llmsList(documents()));
  writeFileSync(join(site, 'llms-full.txt'), [ABOUT, ...texts].join('\n---\n\n'));
};

/** A list of everything with a line each, by the convention of llms.txt. */
export const llmsList = (all: readonly Pick<Document, 'page' | 'title' | 'group' | 'text'>[]): string => {
  const lists = [...Map.groupBy(all, ({ group }) => group)].map(([group, some]) => {
    const lines = some.map(({ title, page, text }) => `- [${title}](${page}): ${firstSentence(text)}`);
    return `## ${group}\n\n${lines.join('\n')}\n`;
  });
  const rest = 'Every export: [reference](reference/index.md). All else in one file: [llms-full.txt](llms-full.txt)\n';
  return [ABOUT, ...lists, rest].join('\n');
};

/** The first line of a guide says for whom it is and what they have at its end. */
const firstSentence = (text: string): string => {
  const paragraph = text.split('\n\n').find((part) => /^[A-Za-z`*]/.test(part)) ?? '';
  const plain = paragraph.replaceAll('\n', ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return /^.*?[.:](?= |$)/.exec(plain)?.[0].replace(/:$/, '.') ?? plain;
};
