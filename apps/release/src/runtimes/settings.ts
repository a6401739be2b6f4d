import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type BudgeaCredentials, budgeaSandbox, type FinicityCredentials, finicitySandbox } from '@auth/sandbox';

/** What the program is told: where the vendors are, and what they know it by. */
export interface Settings {
  readonly finicity: Vendor<FinicityCredentials>;
  readonly budgea: Vendor<BudgeaCredentials>;
  /** A third origin, which redirects lead to. */
  readonly stranger: string;
  /** Where no request gets to: nobody listens, or nobody who speaks TLS. */
  readonly unreachable: readonly string[];
}

interface Vendor<Credentials> {
  readonly url: string;
  readonly credentials: Readonly<Credentials>;
}

/** Both vendors and a stranger, on free ports of the loopback interface, for one run of the program. */
export const withSandboxes = async <T>(run: (settings: Settings) => Promise<T>): Promise<T> => {
  const finicity = finicitySandbox();
  const budgea = budgeaSandbox();
  const [first, second, stranger] = await Promise.all([finicity.listen(), budgea.listen(), finicitySandbox().listen()]);
  const plain = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const closed = createServer();
  const unreachable = [`http://127.0.0.1:${await portOf(closed)}/`, `https://127.0.0.1:${await portOf(plain)}/`];
  closed.close();
  try {
    return await run({
      finicity: { url: first.url, credentials: finicity.credentials },
      budgea: { url: second.url, credentials: budgea.credentials },
      stranger: stranger.url,
      unreachable,
    });
  } finally {
    plain.close();
    await Promise.all([first.close(), second.close(), stranger.close()]);
  }
};

const portOf = async (server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
};
