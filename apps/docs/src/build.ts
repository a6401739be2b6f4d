// Builds the site: `docs:build`. DOCS_URL is the address that it will have on the internet; without one it works under any path.
import { rmSync } from 'node:fs';
import { build } from 'vitepress';
import { DOCS, GENERATED } from './paths.ts';
import { reference } from './reference/reference.ts';
import { stage } from './stage/stage.ts';

rmSync(GENERATED, { recursive: true, force: true });
stage();
await reference();
await build(DOCS);
