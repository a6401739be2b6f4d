import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Clock } from '@auth/core';
import { getRequestListener, RequestError } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { isLoopback } from './loopback.ts';
import type { Delivery, Outcome } from './outcome.ts';

interface ListenOptions {
  /** `ownHostOnly` where only this machine can connect. */
  readonly answer: (request: Request, ownHostOnly: boolean) => Promise<Outcome>;
  readonly clock: Clock;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
}

/** A server. The only file that needs Node. */
export const listen = async ({
  answer,
  clock,
  port = 0,
  host = '127.0.0.1',
}: ListenOptions): Promise<{ origin: string; close: () => Promise<void> }> => {
  let ownHostOnly = true;
  const listener = getRequestListener(
    // Only HTTP/1 is spoken here, which the adapter's types do not know.
    async (request, { incoming, outgoing }) =>
      deliver(await answer(request, ownHostOnly), incoming as IncomingMessage, outgoing as ServerResponse),
    {
      // HTTP/1.0 need not name a host.
      hostname: 'localhost',
      // The adapter would put its own Request and Response in the place of the runtime's, for everybody in this process.
      overrideGlobalObjects: false,
      errorHandler: (error) => new Response(null, { status: error instanceof RequestError ? 400 : 500, headers: { date: dateOf(clock) } }),
    },
  );
  const server = createServer({ requireHostHeader: false }, listener);
  // Node would refuse what a client expects by itself, with the machine's time.
  server.on('checkExpectation', listener);
  await new Promise<void>((resolve, reject) => {
    // Stays, as an error event without a listener ends the process.
    server.on('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox server has no port.');
  ownHostOnly = isLoopback(address.address);
  return {
    origin: `http://${nameOf(address.address)}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const dateOf = (clock: Clock): string => new Date(clock.now()).toUTCString();

/** As in a URL. The loopback address stands for all of them, as not every system connects to none. */
const nameOf = (address: string): string => {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
};

const deliver = async ({ delivery, response }: Outcome, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response> => {
  await deliveries[delivery](incoming, outgoing, response);
  return (delivery === 'whole' && response) || RESPONSE_ALREADY_SENT;
};

type Deliver = (incoming: IncomingMessage, outgoing: ServerResponse, response: Response | undefined) => unknown;

const deliveries: Readonly<Record<Delivery, Deliver>> = {
  // By the adapter.
  whole: () => undefined,
  half: async (incoming, outgoing, response) => {
    const bytes = new Uint8Array((await response?.arrayBuffer()) ?? []);
    outgoing.writeHead(response?.status ?? 200, {
      ...Object.fromEntries(response?.headers ?? []),
      ...(bytes.byteLength > 0 && { 'content-length': bytes.byteLength }),
    });
    outgoing.flushHeaders();
    outgoing.write(bytes.subarray(0, bytes.byteLength / 2), () => hangUp(incoming));
  },
  closed: (incoming) => hangUp(incoming),
  reset: ({ socket }) => socket.resetAndDestroy(),
  // Reads on, as only then the end of the connection is noticed.
  never: (incoming) => incoming.resume(),
};

/** How long the rest of a request is awaited before its connection ends without it, in milliseconds. */
const PATIENCE = 500;

/** Ends the connection with FIN. Bytes that nobody read would make the system send RST instead, so they are read first. */
const hangUp = (incoming: IncomingMessage): void => {
  const { socket } = incoming;
  if (incoming.readableEnded || incoming.destroyed) return void socket.destroySoon();
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  timer.unref();
  incoming.once('end', () => {
    clearTimeout(timer);
    socket.destroySoon();
  });
  socket.end();
  incoming.resume();
};
