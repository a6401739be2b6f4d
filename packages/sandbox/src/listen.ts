import { createServer } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';

/** A server on the loopback interface. What `answer` rejects with is never sent: the connection is cut. The only file that needs Node. */
export const listenOnLoopback = async (
  answer: (request: Request) => Promise<Response>,
  port: number,
): Promise<{ origin: string; close: () => Promise<void> }> => {
  const listener = getRequestListener(
    async (request, { incoming }) => {
      try {
        return await answer(request);
      } catch (error) {
        incoming.socket.destroy();
        throw error;
      }
    },
    {
      // The adapter would put its own Request and Response in the place of the runtime's, for everybody in this process.
      overrideGlobalObjects: false,
      errorHandler: (error) => (error instanceof RequestError ? new Response(null, { status: 400 }) : undefined),
    },
  );
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox server has no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
