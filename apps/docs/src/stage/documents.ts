import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PACKAGES, ROOT } from '../paths.ts';

/** A page of the site that is not reference. */
export interface Document {
  /** Where it is in the repository. Its links are relative to this. */
  readonly source: string;
  /** Where it is in the site, with `.md`. */
  readonly page: string;
  readonly title: string;
  readonly group: string;
  /** The packages in whose tarballs it travels. */
  readonly packages: readonly string[];
  /** As it is written, title and all. */
  readonly text: string;
}

/** Every guide in the order in which the site shows them: its group, its file, and the packages in whose tarballs it travels. */
const GUIDES: readonly (readonly [group: string, name: string, ...packages: string[]])[] = [
  ['Start', 'quick-start', 'finicity', 'sandbox'],
  ['Start', 'switch-vendors', 'core'],
  ['Start', 'installing', 'core'],
  ['How it works', 'token-life', 'core'],
  ['How it works', 'security-model', 'core'],
  ['How it works', 'versioning', 'core'],
  ['Vendors', 'connect-a-bank', 'core', 'finicity', 'budgea'],
  ['Vendors', 'users-and-tokens-at-budgea', 'budgea'],
  ['Integrate', 'call-the-api', 'core', 'finicity', 'budgea'],
  ['Integrate', 'use-it-with', 'core'],
  ['Integrate', 'test-your-integration', 'core', 'sandbox', 'conformance'],
  ['Integrate', 'behind-a-proxy', 'core', 'finicity', 'budgea'],
  ['Integrate', 'receive-webhooks', 'finicity', 'budgea'],
  ['Integrate', 'bring-your-tokens', 'core', 'budgea'],
  ['Integrate', 'move-from', 'finicity', 'budgea'],
  ['Integrate', 'add-a-provider', 'core', 'conformance'],
  ['In production', 'go-live', 'core'],
  ['In production', 'never-lock-your-account', 'finicity'],
  ['In production', 'rotate-a-secret', 'finicity'],
  ['In production', 'secret-managers', 'finicity', 'budgea', 'store-encrypted'],
  ['In production', 'run-on-many-machines', 'core', 'store-sqlite', 'store-redis'],
  ['In production', 'encrypt-tokens', 'store-sqlite', 'store-redis', 'store-encrypted'],
  ['In production', 'observe', 'core'],
  ['Reference', 'errors', 'core', 'finicity', 'budgea'],
];

/** Files of the repository's root that belong to the site too. */
const OF_THE_ROOT = ['ARCHITECTURE', 'ADDING_A_PROVIDER', 'SECURITY', 'CONTRIBUTING'];

/** Every document, in the order in which the site shows them. */
export const documents = (): readonly Document[] => {
  const unlisted = globSync('apps/docs/guides/*.md', { cwd: ROOT }).find(
    (file) => !GUIDES.some(([, name]) => basename(file, '.md') === name),
  );
  if (unlisted !== undefined) throw new Error(`The table of apps/docs/src/stage/documents.ts misses ${unlisted}.`);
  return [
    ...GUIDES.map(([group, name, ...packages]) => documentOf(`apps/docs/guides/${name}.md`, `guides/${name}.md`, group, packages)),
    ...OF_THE_ROOT.map((name) => documentOf(`${name}.md`, `project/${name.toLowerCase().replaceAll('_', '-')}.md`, 'Project')),
    ...PACKAGES.map((name) => documentOf(`packages/${name}/README.md`, `packages/${name}.md`, 'Packages')),
  ];
};

const documentOf = (source: string, page: string, group: string, packages: readonly string[] = []): Document => {
  const text = readFileSync(join(ROOT, source), 'utf8');
  const [, title = basename(page, '.md')] = /^# (.+)$/m.exec(text) ?? [];
  return { source, page, title, group, packages, text };
};
