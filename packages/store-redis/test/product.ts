import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Managed, Store, Token, TokenSource } from '@auth/core';
import { AuthError, managed } from '@auth/core';
import type { Answer, Asked, Command, EngineOptions, Message, Place, Request, Result } from './protocol.ts';

/** Makes this process one of a product: an engine on a store, told by its parent what to do. */
export const serve = (openStore: (place: Place) => Promise<Store>): void => {
  const send = (message: Message): void => {
    process.send?.(message);
  };
  let engine: Managed | undefined;

  const open = async (options: EngineOptions): Promise<Result> => {
    await engine?.[Symbol.asyncDispose]();
    engine = managed(sourceOf(options), {
      store: await openStore(options.place),
      key: options.key,
      account: `account of ${options.key}`,
      fingerprint: () => createHash('sha256').update(options.secret).digest('base64url'),
      provider: 'acme',
      observe: (event) => send({ event }),
    });
    return NOTHING;
  };
  const opened = (): Managed => {
    if (engine === undefined) throw new Error('Nothing is open.');
    return engine;
  };
  const execute = async (command: Command): Promise<Result> => {
    switch (command.do) {
      case 'open':
        return open(command.options);
      case 'token':
        return outcomeOf(Array.from({ length: command.callers }, () => timed(() => opened().token())));
      case 'traffic':
        return outcomeOf(await traffic(command, () => timed(() => opened().token())));
      case 'invalidate':
        await opened().invalidate({ value: command.value, issuedAt: 0, expiresAt: null });
        return NOTHING;
    }
  };

  process.on('message', ({ number, command }: Request) => {
    execute(command).then(
      (result) => send({ number, result }),
      (error: unknown) => send({ number, failure: codeOf(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
};

const NOTHING: Result = { tally: {}, waits: [] };

const sourceOf = ({ url, secret }: EngineOptions): TokenSource => ({
  token: async ({ signal }) => {
    const issuedAt = Date.now();
    const answer = await post(url, { pid: process.pid, secret }, signal);
    if ('status' in answer)
      throw new AuthError(`The upstream answered ${answer.status}.`, {
        code: answer.status === 401 ? 'invalid_credentials' : 'unavailable',
        provider: 'acme',
        operation: 'token',
      });
    return { value: answer.value, issuedAt, expiresAt: issuedAt + answer.lifetime };
  },
});

const post = (url: string, asked: Asked, signal: AbortSignal): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', agent: false, signal }, async (response) => {
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      resolve(JSON.parse(text));
    });
    sending.on('error', reject);
    sending.end(JSON.stringify(asked));
  });

interface Timed {
  readonly name: string;
  readonly wait: number;
}

const timed = async (call: () => Promise<Token>): Promise<Timed> => {
  const started = performance.now();
  const name = await call().then(({ value }) => value, codeOf);
  return { name, wait: performance.now() - started };
};

const codeOf = (error: unknown): string => (AuthError.is(error) ? error.code : String(error));

/** Starts the calls in time, however long each takes. */
const traffic = async (
  { calls, perSecond }: { readonly calls: number; readonly perSecond: number },
  call: () => Promise<Timed>,
): Promise<readonly Promise<Timed>[]> => {
  const started: Promise<Timed>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      started.push(call());
      if (started.length < calls) return;
      clearInterval(timer);
      resolve();
    }, 1_000 / perSecond);
  });
  return started;
};

const outcomeOf = async (callers: readonly Promise<Timed>[]): Promise<Result> => {
  const outcomes = await Promise.all(callers);
  const tally: Record<string, number> = {};
  for (const { name } of outcomes) tally[name] = (tally[name] ?? 0) + 1;
  return { tally, waits: outcomes.map(({ wait }) => wait) };
};
