import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

/** The files of the site, as a web server on the internet would give them. */
export const siteApp = (folder: string): Hono => {
  const app = new Hono();
  app.use('*', serveStatic({ root: folder }));
  return app;
};
