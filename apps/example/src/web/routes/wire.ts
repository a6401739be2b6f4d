import type { Routes } from '../context.ts';
import { wirePage } from '../pages/wire.ts';

/** What goes over the wire. */
export const wireRoutes: Routes = (app, product) => {
  app.get('/wire', (c) => wirePage(c, product));
};
