import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Clock, Environment } from '@auth/core';
import { getRequestListener } from '@hono/node-server';
import { createApp } from './app.ts';
import { openProduct } from './product.ts';

/** How the web application is started. */
export interface ServerOptions {
  /** Credentials of vendors, and `AUTH_PROVIDER`, `PORT`, `DATA_DIR` and `REDIS_URL`. */
  readonly environment: Environment;
  /** For tests: the time of the product and of its sandboxes. */
  readonly clock?: Clock | undefined;
}

/** A running application. */
export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const DATA_DIRECTORY = fileURLToPath(new URL('../../.data', import.meta.url));

/** Listens on loopback, on a free port unless `PORT` names one. */
export const startServer = async ({ environment, clock }: ServerOptions): Promise<RunningServer> => {
  const { PORT: port, DATA_DIR: directory, REDIS_URL: redisUrl } = environment;
  const product = await openProduct({ environment, directory: directory || DATA_DIRECTORY, redisUrl, clock });
  const app = createApp(product);
  const server = createServer(getRequestListener(app.fetch, { hostname: '127.0.0.1', overrideGlobalObjects: false }));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(Number(port || 0), '127.0.0.1', resolve);
    });
  } catch (error) {
    await product.close();
    throw error;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await product.close();
    },
  };
};
