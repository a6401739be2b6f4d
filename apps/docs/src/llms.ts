import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES, ROOT } from './paths.ts';
import { type Document, GROUPS } from './stage/documents.ts';

const ABOUT = [
  '# Authentication to bank-data aggregators',
  '',
  '> Server-side TypeScript packages that authenticate to Finicity (Mastercard Open Finance) and Budgea (Powens): one contract, one package per',
  '> vendor, one engine that keeps tokens alive.',
  '',
].join('\n');

/** A list of everything with a line each, by the convention of llms.txt. */
export const llmsList = (documents: readonly Document[]): string => {
  const guides = GROUPS.map((group) => {
    const lines = documents
      .filter((document) => document.group === group)
      .map(({ name, title, text }) => `- [${title}](${name}.html): ${firstSentence(text)}`);
    return lines.length === 0 ? '' : `## ${group}\n\n${lines.join('\n')}\n`;
  });
  const packages = PACKAGES.map((name) => `- [@auth/${name}](${name}.html): ${described(name)}`);
  return [
    ABOUT,
    ...guides.filter((group) => group !== ''),
    `## Packages\n\n${packages.join('\n')}\n`,
    'Everything in one file: [llms-full.txt](llms-full.txt)\n',
  ].join('\n');
};

/** Every guide and every README, whole, one after the other. */
export const llmsFull = (documents: readonly Document[]): string => {
  const guides = documents.map(({ title, text }) => `# ${title}\n\n${text}\n`);
  const readmes = PACKAGES.map((name) => `${readFileSync(join(ROOT, 'packages', name, 'README.md'), 'utf8').trim()}\n`);
  return [ABOUT, ...guides, ...readmes].join('\n---\n\n');
};

const described = (name: string): string => {
  const { description } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as {
    readonly description: string;
  }; // our own file
  return description;
};

/** The first line of a guide says for whom it is and what they have at its end. */
const firstSentence = (text: string): string => {
  const paragraph = text.split('\n\n').find((part) => /^[A-Za-z`*]/.test(part)) ?? '';
  const plain = paragraph.replaceAll('\n', ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return /^.*?[.:](?= |$)/.exec(plain)?.[0].replace(/:$/, '.') ?? plain;
};
