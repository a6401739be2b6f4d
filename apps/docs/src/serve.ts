// Shows the built site on this machine: `docs:serve [--port 4000]`.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serve } from 'vitepress';
import { DOCS, SITE } from './paths.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' } } });
if (!existsSync(SITE)) throw new Error('There is no site yet. Build it with docs:build.');
await serve({ root: DOCS, port: Number(values.port) });
