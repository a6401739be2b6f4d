import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { App, AppEnvironment } from './context.ts';
import { problemPage } from './pages/problem.ts';
import type { Product } from './product.ts';
import { breakRoutes } from './routes/break.ts';
import { connectRoutes } from './routes/connect.ts';
import { healthRoutes } from './routes/health.ts';
import { homeRoutes } from './routes/home.ts';
import { raceRoutes } from './routes/race.ts';
import { settingsRoutes } from './routes/settings.ts';
import { staticRoutes } from './routes/static.ts';
import { wireRoutes } from './routes/wire.ts';
import { refusedForm, secure } from './security.ts';

/** All pages over one product. */
export const createApp = (product: Product): App => {
  const app = new Hono<AppEnvironment>();
  staticRoutes(app, product);
  secure(app, product);
  for (const routes of [homeRoutes, settingsRoutes, connectRoutes, healthRoutes, breakRoutes, raceRoutes, wireRoutes]) routes(app, product);
  app.notFound((c) =>
    problemPage(c, product, {
      status: 404,
      title: 'There is no such page',
      happened: 'The address leads nowhere.',
      advice: 'Choose one of the pages above.',
      action: { label: 'Open the start page', href: '/' },
    }),
  );
  // What the error says could be anything, so it goes nowhere.
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status === 403) return refusedForm(c, product);
    return problemPage(c, product, {
      status: 500,
      title: 'This page failed',
      happened: 'This is a defect of the example. What you asked for may not have been done.',
      advice: 'Look at the token health, then try again.',
      action: { label: 'Open the token health', href: '/health' },
    });
  });
  return app;
};
