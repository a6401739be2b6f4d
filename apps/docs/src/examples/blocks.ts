import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';
import { packageOf } from '../stage/links.ts';

/** A code block of a guide, a README or a doc comment. */
export interface Block {
  /** The file, from the repository's root. */
  readonly source: string;
  /** Of the first line of code. */
  readonly line: number;
  readonly language: string;
  /** What follows the language: `runnable`, or `unchecked: ` and a reason. */
  readonly mark: string;
  readonly code: string;
  /** The package in whose doc comments or README it is. */
  readonly package: string | undefined;
}

const DOCUMENTS = ['*.md', 'packages/*/README.md', '{apps,examples}/*/README.md', 'apps/docs/index.md', 'apps/docs/guides/*.md'];
const SOURCES = 'packages/*/src/**/*.ts';
const FENCE = /^(?<indent>[ \t]*)```(?<language>[\w-]*)[ \t]*(?<mark>[^\n`]*)\n(?<code>[\s\S]*?)^\k<indent>```[ \t]*$/gm;

/** Every code block that we show to somebody. */
export const allBlocks = (): readonly Block[] => [
  ...globSync([...DOCUMENTS], { cwd: ROOT })
    .sort()
    .flatMap((source) => blocksOf(source, read(source), packageOf(source))),
  ...globSync(SOURCES, { cwd: ROOT })
    .filter((file) => !/\.test(-d)?\.ts$/.test(file))
    .sort()
    .flatMap(blocksOfComments),
];

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The blocks of a Markdown text. */
export const blocksOf = (source: string, text: string, ofPackage: string | undefined): readonly Block[] =>
  [...text.matchAll(FENCE)].map(({ index, groups: { indent = '', language = '', mark = '', code = '' } = {} }) => ({
    source,
    line: text.slice(0, index).split('\n').length + 1,
    language,
    mark: mark.trim(),
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    package: ofPackage,
  }));

const blocksOfComments = (source: string): readonly Block[] => {
  const text = read(source);
  const [, name] = /^packages\/([^/]+)\//.exec(source) ?? [];
  // Everything but doc comments becomes empty lines, so that lines keep their numbers.
  let end = 0;
  let comments = '';
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    comments += text.slice(end, index).replace(/[^\n]+/g, '') + comment.replace(/^[ \t]*(?:\/\*\*|\*\/|\*) ?/gm, '');
    end = index + comment.length;
  }
  return blocksOf(source, comments, name);
};
