import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import type { UpstashRedisLike } from '../src/index.ts';
import type { Address } from './clients.ts';

/** What the server says to one command. */
type Answer = { readonly result: unknown } | { readonly error: string };

/** A server in front of Redis that takes commands over HTTP, in the protocol of Upstash. */
export interface RestServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts one. */
export const startRest = async ({ host, port }: Address): Promise<RestServer> => {
  const redis = new Redis({ host, port });
  redis.on('error', () => {});
  const run = async ([command = '', ...args]: readonly string[]): Promise<Answer> =>
    redis.call(command, ...args).then(
      (result) => ({ result }),
      ({ message }) => ({ error: message }),
    );
  const server = createServer(async (request, response) => {
    request.setEncoding('utf8');
    let text = '';
    for await (const chunk of request) text += chunk;
    const commands: readonly (readonly string[])[] = JSON.parse(text);
    response.end(JSON.stringify(await Promise.all(commands.map(run))));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port: restPort } = server.address() as AddressInfo; // it listens
  return {
    url: `http://127.0.0.1:${restPort}/pipeline`,
    close: async () => {
      redis.disconnect();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/**
 * What the client of Upstash does by default: it sends the commands of one turn together, parses what is JSON in an answer, and puts its own
 * words in front of the server's error.
 */
export const restClient = (url: string): UpstashRedisLike => {
  let batch: { readonly commands: (readonly string[])[]; readonly answers: Promise<readonly Answer[]> } | undefined;
  const send = async (...command: readonly string[]): Promise<unknown> => {
    if (!batch) {
      const commands: (readonly string[])[] = [];
      const post = async (): Promise<readonly Answer[]> => {
        await Promise.resolve();
        batch = undefined;
        return (await fetch(url, { method: 'POST', body: JSON.stringify(commands) })).json();
      };
      batch = { commands, answers: post() };
    }
    const { answers } = batch;
    const index = batch.commands.push(command) - 1;
    const answer = (await answers)[index];
    if (answer === undefined || 'error' in answer) throw new Error(`Command failed: ${answer?.error}`);
    return parsed(answer.result);
  };
  return {
    get: (key) => send('GET', key),
    eval: (script, keys, args) => send('EVAL', script, String(keys.length), ...keys, ...args),
    evalsha: (sha, keys, args) => send('EVALSHA', sha, String(keys.length), ...keys, ...args),
    scriptLoad: (script) => send('SCRIPT', 'LOAD', script),
  };
};

const parsed = (result: unknown): unknown => {
  if (typeof result !== 'string') return result;
  try {
    return JSON.parse(result);
  } catch {
    return result;
  }
};
