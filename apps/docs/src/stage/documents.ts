import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../paths.ts';
import { errorsPage } from './errors-page.ts';
import { withoutMermaid } from './mermaid.ts';

/** A page of the site that is not reference. */
export interface Document {
  /** The file's name in the site, without ending. */
  readonly name: string;
  readonly title: string;
  readonly group: string;
  /** Where it is in the repository. Its links are relative to this. */
  readonly source: string;
  readonly text: string;
}

/** Files of the repository's root that belong to the site too. */
const OF_THE_ROOT: readonly { readonly file: string; readonly name: string; readonly title: string }[] = [
  { file: 'ARCHITECTURE.md', name: 'architecture', title: 'Architecture' },
  { file: 'ADDING_A_PROVIDER.md', name: 'adding-a-provider', title: 'Adding a provider, step by step' },
  { file: 'SECURITY.md', name: 'security', title: 'Security' },
  { file: 'CONTRIBUTING.md', name: 'contributing', title: 'Contributing' },
];

const ERRORS = 'apps/docs/guides/errors.md';

const FRONT_MATTER = /^---\n([\s\S]*?)\n---\n/;

/** The groups of the guides, in their order. */
export const GROUPS: readonly string[] = ['Start', 'How it works', 'Vendors', 'Integrate', 'In production', 'Reference', 'Project'];

/** Every document, those of one group beside each other. */
export const documents = (): readonly Document[] => {
  // The errors as they are now, whatever was committed.
  const textOf = (source: string): string => (source === ERRORS ? errorsPage() : readFileSync(join(ROOT, source), 'utf8'));
  const guides = globSync('apps/docs/guides/*.md', { cwd: ROOT }).map((source) => guideOf(source, textOf(source)));
  const all = [...guides, ...OF_THE_ROOT.map(documentOf)];
  const unknown = all.find(({ group }) => !GROUPS.includes(group));
  if (unknown !== undefined)
    throw new Error(`${unknown.source} is in the group «${unknown.group}», which src/stage/documents.ts does not list.`);
  return all.toSorted((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) || compare(a, b));
};

/** What a newcomer reads first comes first. */
const compare = (a: Document, b: Document): number =>
  Number(b.name === 'quick-start') - Number(a.name === 'quick-start') || (a.title < b.title ? -1 : 1);

const guideOf = (source: string, file: string): Document => {
  const [whole = '', matter = ''] = FRONT_MATTER.exec(file) ?? [];
  const value = (key: string): string => {
    const [, found] = new RegExp(`^${key}: *(.+)$`, 'm').exec(matter) ?? [];
    if (found === undefined) throw new Error(`${source} has no \`${key}:\` in its front matter.`);
    return found.replace(/^(['"])(.*)\1$/, '$2');
  };
  return { name: basename(source, '.md'), title: value('title'), group: value('group'), source, text: file.slice(whole.length).trim() };
};

const documentOf = ({ file, name, title }: { readonly file: string; readonly name: string; readonly title: string }): Document => {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^# .*\n+/, '');
  return { name, title, group: 'Project', source: file, text: withoutMermaid(text).trim() };
};
