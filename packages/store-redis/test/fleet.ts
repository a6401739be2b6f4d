import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { AuthEvent } from '@auth/core';
import type { Answer, Asked, Command, EngineOptions, Message, Result } from './protocol.ts';

/** A process that runs `worker.ts`. */
export interface Worker {
  readonly pid: number;
  /** Since its engine was opened. */
  readonly events: readonly AuthEvent[];
  /** Rejects if the process ends before it has answered. */
  readonly run: (command: Command) => Promise<Result>;
  readonly signal: (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void;
}

/** A vendor: an HTTP server on the loopback interface. */
export interface Upstream {
  readonly url: string;
  /** Every request so far, also those that were not answered. */
  readonly calls: readonly Asked[];
}

/** Processes and their vendors. */
export interface Fleet {
  /** So many processes, each with an engine of these options. Those that live are used again. */
  readonly open: (count: number, options: EngineOptions) => Promise<readonly Worker[]>;
  readonly upstream: (answer: (asked: Asked, index: number) => Answer | Promise<Answer>) => Promise<Upstream>;
  /** Resolves as soon as it holds, looked at whenever a process tells something or a vendor is asked. */
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const WORKER: string = join(import.meta.dirname, 'worker.ts');

/** None at first. */
export const openFleet = (program: string = WORKER): Fleet => {
  const living = new Map<Worker, ChildProcess>();
  const closings: (() => Promise<void>)[] = [];
  let watchers: readonly (() => boolean)[] = [];
  const look = (): void => {
    watchers = watchers.filter((watcher) => !watcher());
  };

  const start = (): Worker => {
    const child = fork(program, { execArgv: ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'] });
    const events: AuthEvent[] = [];
    const waiting = new Map<number, { readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void }>();
    let sent = 0;
    child.on('message', (message: Message) => {
      if ('event' in message) events.push(message.event);
      else if ('failure' in message) waiting.get(message.number)?.reject(new Error(message.failure));
      else waiting.get(message.number)?.resolve(message.result);
      look();
    });
    child.on('exit', () => {
      living.delete(worker);
      for (const { reject } of waiting.values()) reject(new Error(`Process ${child.pid} ended before it answered.`));
    });
    const worker: Worker = {
      pid: child.pid ?? 0,
      events,
      run: async (command) => {
        const number = ++sent;
        const result = new Promise<Result>((resolve, reject) => waiting.set(number, { resolve, reject }));
        child.send({ number, command });
        await result;
        if (command.do === 'open') events.splice(0);
        return result;
      },
      signal: (name) => {
        child.kill(name);
      },
    };
    living.set(worker, child);
    return worker;
  };

  return {
    open: async (count, options) => {
      while (living.size < count) start();
      const workers = [...living.keys()].slice(0, count);
      await Promise.all(workers.map(({ run }) => run({ do: 'open', options })));
      return workers;
    },
    upstream: async (answer) => {
      const calls: Asked[] = [];
      const server = createServer(async (request, response) => {
        let text = '';
        for await (const part of request.setEncoding('utf8')) text += part;
        const asked: Asked = JSON.parse(text);
        const index = calls.push(asked) - 1;
        look();
        response.end(JSON.stringify(await answer(asked, index)));
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      closings.push(
        () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      );
      const address = server.address();
      return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, calls };
    },
    until: (holds) =>
      new Promise((resolve) => {
        const watcher = (): boolean => {
          const is = holds();
          if (is) resolve();
          return is;
        };
        watchers = [...watchers, watcher];
        look();
      }),
    close: async () => {
      const children = [...living.values()];
      const exits = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([...exits, ...closings.map((close) => close())]);
    },
  };
};

/** How often the processes told of it. */
export const heard = (type: AuthEvent['type'], workers: readonly Worker[]): number =>
  workers.reduce((sum, { events }) => sum + events.filter((event) => event.type === type).length, 0);

/** What the callers of all processes got. */
export const total = (results: readonly Result[]): Readonly<Record<string, number>> => {
  const sum: Record<string, number> = {};
  for (const [name, count] of results.flatMap(({ tally }) => Object.entries(tally))) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};

/** So many callers in each process, at once. */
export const callAll = async (workers: readonly Worker[], callers: number): Promise<Readonly<Record<string, number>>> =>
  total(await Promise.all(workers.map(({ run }) => run({ do: 'token', callers }))));
