import { connect, type Socket } from 'node:net';

/** A connection of which every byte is in the test's hand. */
export interface Wire {
  readonly socket: Socket;
  /** Resolves to everything that came, once the other side ended the connection or reset it. */
  readonly ended: Promise<string>;
  /** Resolves to what came so far, as soon as it holds this text. Rejects if the connection ends without it. */
  readonly until: (text: string) => Promise<string>;
}

/** Connects to a server and sends this as it is. */
export const wire = (url: string, sent = ''): Wire => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  let came = '';
  const listeners = new Set<() => void>();
  socket.on('data', (bytes) => {
    came += bytes.toString('latin1');
    for (const listener of listeners) listener();
  });
  const ended = new Promise<string>((resolve) => {
    // A reset is an end too: `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(came));
  });
  socket.write(sent);
  return {
    socket,
    ended,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (came.includes(text)) resolve(came);
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`The connection ended after ${JSON.stringify(came.slice(0, 200))}.`)));
      }),
  };
};
