import { readFileSync } from 'node:fs';
import type { Routes } from '../context.ts';

const TYPES = {
  'app.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

/** The files that pages load, read once. */
export const staticRoutes: Routes = (app) => {
  for (const [name, type] of Object.entries(TYPES)) {
    const content = readFileSync(new URL(`../static/${name}`, import.meta.url), 'utf8');
    app.get(`/static/${name}`, (c) =>
      c.body(content, 200, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }),
    );
  }
};
