// Shows the built site on this machine: `docs:serve [--port 4000]`.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serve } from '@hono/node-server';
import { SITE } from './paths.ts';
import { siteApp } from './site/app.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
if (!existsSync(SITE)) throw new Error('There is no site yet. Build it with docs:build.');
serve({ fetch: siteApp(SITE).fetch, hostname: '127.0.0.1', port: Number(values.port) }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/`);
});
