import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PACKAGES, ROOT } from '../paths.ts';
import { withoutMermaid } from './mermaid.ts';

/** A page of the site that is not reference. */
export interface Document {
  /** Where it is in the repository. Its links are relative to this. */
  readonly source: string;
  /** Where it is in the site, with `.md`. */
  readonly page: string;
  readonly title: string;
  readonly group: string;
  /** As it is written, title and all. */
  readonly text: string;
}

const GUIDES = 'apps/docs/guides';

/** The groups of the guides in the order in which they are read, and their guides. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Start: ['quick-start', 'switch-vendors', 'installing'],
  'How it works': ['token-life', 'security-model', 'versioning'],
  Vendors: ['connect-a-bank', 'users-and-tokens-at-budgea'],
  Integrate: ['use-it-with', 'test-your-integration', 'receive-webhooks', 'bring-your-tokens', 'move-from', 'add-a-provider'],
  'In production': [
    ...['go-live', 'never-lock-your-account', 'rotate-a-secret', 'secret-managers'],
    ...['run-on-many-machines', 'encrypt-tokens', 'observe'],
  ],
  Reference: ['errors'],
};

/** Files of the repository's root that belong to the site too. */
const OF_THE_ROOT = ['ARCHITECTURE', 'ADDING_A_PROVIDER', 'SECURITY', 'CONTRIBUTING'];

/** Every document, in the order in which the site shows them. */
export const documents = (): readonly Document[] => {
  const guides = Object.entries(GROUPS).flatMap(([group, names]) => names.map((name) => [group, name] as const));
  const listed = new Set(guides.map(([, name]) => `${GUIDES}/${name}.md`));
  const unlisted = globSync(`${GUIDES}/*.md`, { cwd: ROOT }).find((file) => !listed.has(file));
  if (unlisted !== undefined) throw new Error(`${unlisted} is in no group. Add it to apps/docs/src/stage/documents.ts.`);
  return [
    ...guides.map(([group, name]) => documentOf(`${GUIDES}/${name}.md`, `guides/${name}.md`, group)),
    ...OF_THE_ROOT.map((name) => documentOf(`${name}.md`, `project/${name.toLowerCase().replaceAll('_', '-')}.md`, 'Project')),
    ...PACKAGES.map((name) => documentOf(`packages/${name}/README.md`, `packages/${name}.md`, 'Packages')),
  ];
};

const documentOf = (source: string, page: string, group: string): Document => {
  const text = withoutMermaid(readFileSync(join(ROOT, source), 'utf8'));
  const [, title = basename(page, '.md')] = /^# (.+)$/m.exec(text) ?? [];
  return { source, page, title, group, text };
};
