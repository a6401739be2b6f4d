import { connect, createServer, type Socket } from 'node:net';
import type { Address } from './clients.ts';

/** Stands between a client and a server. */
export interface Proxy extends Address {
  /** Resolves once the server has answered something, which the client is never told: its connection ends instead, and no other begins. */
  readonly loseNextAnswer: () => Promise<void>;
  /** Lets connections begin again. */
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

export const startProxy = async ({ host, port }: Address): Promise<Proxy> => {
  const open = new Set<Socket>();
  let lose: (() => void) | undefined;
  let isBroken = false;
  const listener = createServer((client) => {
    if (isBroken) {
      client.destroy();
      return;
    }
    const upstream = connect({ host, port });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {}); // 'close' comes after it
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (lose === undefined) client.write(chunk);
      else {
        isBroken = true;
        client.destroy();
        lose();
        lose = undefined;
      }
    });
  });
  await new Promise<void>((resolve) => void listener.listen(0, host, resolve));
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('The loopback interface has no free port.');
  return {
    host,
    port: address.port,
    loseNextAnswer: () =>
      new Promise((resolve) => {
        lose = resolve;
      }),
    mend: () => {
      isBroken = false;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
};
