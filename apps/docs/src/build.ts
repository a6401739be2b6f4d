// Builds the site: `docs:build`. DOCS_URL is the address that it will have on the internet; without one it works under any path. `docs:dev`
// shows it instead, and again when a guide, a README or the theme is saved; it reads doc comments when it starts.
import { rmSync, watchFile } from 'node:fs';
import { join } from 'node:path';
import { build, createServer } from 'vitepress';
import { DOCS, GENERATED, ROOT } from './paths.ts';
import { documents } from './stage/documents.ts';
import { stage, stageReference } from './stage/stage.ts';

rmSync(GENERATED, { recursive: true, force: true });
stage();
stageReference();
if (process.argv.includes('--watch')) {
  const server = await createServer(DOCS);
  await server.listen();
  server.printUrls();
  const sources = ['apps/docs/index.md', ...documents().map(({ source }) => source)];
  for (const source of sources) watchFile(join(ROOT, source), { interval: 300 }, stage);
} else await build(DOCS);
