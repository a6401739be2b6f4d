import { globSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');

export const DOCS = join(ROOT, 'apps/docs');

/** Every page as Markdown, as the generator reads it: documents, and TypeDoc's reference. */
export const GENERATED = join(DOCS, 'generated');

/** The site. */
export const SITE = join(DOCS, 'site');

const FIRST = ['core', 'finicity', 'budgea', 'sandbox', 'store-sqlite', 'store-redis', 'store-encrypted', 'conformance'];

const folders = globSync('packages/*/package.json', { cwd: ROOT }).map((file) => basename(dirname(file)));

/** Every package, in the order in which a reader meets them; those that are new come last. */
export const PACKAGES: readonly string[] = [...FIRST, ...folders.filter((name) => !FIRST.includes(name)).sort()];

const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;

/** Where the repository can be read and edited, for links that leave the site. CI says it; a folder on a disk has no such place. */
export const REPOSITORY: string | undefined = server && repository ? `${server}/${repository}` : undefined;
