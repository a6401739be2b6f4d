import { streamSSE } from 'hono/streaming';
import type { Routes } from '../context.ts';
import { healthPage, healthPanel } from '../pages/health.ts';

/** Milliseconds between signs of life, so that what is in between does not close a quiet connection. */
const SIGN_OF_LIFE = 15_000;

/** The state of every token, its events as they come, and the part of the page that changes with them. */
export const healthRoutes: Routes = (app, product) => {
  app.get('/health', (c) => healthPage(c, product));
  app.get('/health/panel', async (c) => c.html((await healthPanel(product)).toString()));
  app.get('/health/events', (c) =>
    streamSSE(c, async (stream) => {
      const stop = product.events.subscribe((event) => void stream.writeSSE({ event: 'auth', data: JSON.stringify(event) }));
      stream.onAbort(stop);
      while (!stream.aborted && !stream.closed) {
        await stream.writeSSE({ event: 'alive', data: '' });
        await stream.sleep(SIGN_OF_LIFE);
      }
      stop();
    }),
  );
};
