// Shows the site on this machine, and again whenever a guide, a README or the theme is saved: `docs:dev [--port 4000]`. Doc comments are read
// when it starts.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from 'vitepress';
import { DOCS, ROOT } from './paths.ts';
import { reference } from './reference/reference.ts';
import { documents } from './stage/documents.ts';
import { stage } from './stage/stage.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
stage();
await reference();
for (const source of ['apps/docs/index.md', ...documents().map((document) => document.source)]) watch(join(ROOT, source), stage);
const server = await createServer(DOCS, { host: '127.0.0.1', port: Number(values.port) });
await server.listen();
server.printUrls();
