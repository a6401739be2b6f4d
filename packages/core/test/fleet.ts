import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AuthEvent } from '../src/index.ts';
import type { Answer, Asked, Command, Line, Result } from './protocol.ts';

/** A process that runs `worker.ts`. */
export interface Worker {
  readonly pid: number;
  /** Since its engine was opened. */
  readonly events: readonly AuthEvent[];
  /** Results of an argument's commands, in order. */
  readonly results: readonly Result[];
  /** Rejects if the process ends before it has answered. */
  readonly run: (command: Command) => Promise<Result>;
  /** How many of its callers got which token, or which error code. */
  readonly token: (callers: number) => Promise<Readonly<Record<string, number>>>;
  readonly signal: (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void;
  /** Its exit code, `null` if a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** A vendor: an HTTP server on the loopback interface. */
export interface Upstream {
  readonly url: string;
  /** Every request so far, also those that were not answered. */
  readonly calls: readonly Asked[];
}

/** The processes, servers and files of a test file. */
export interface Fleet {
  /** So many processes that wait for commands; those of an earlier test, as far as they live. */
  readonly workers: (count: number) => Promise<readonly Worker[]>;
  /** A process that does what its argument says and then ends by itself. */
  readonly script: (commands: readonly Command[]) => Worker;
  /** `answer` may take its time; `never` is one that does not come. */
  readonly upstream: (answer: (asked: Asked, index: number) => Answer | Promise<Answer>) => Promise<Upstream>;
  /** The file of a new store. */
  readonly storePath: () => string;
  /** Takes away the directory of a store. */
  readonly unplug: (path: string) => void;
  /** Resolves as soon as it holds, looked at whenever a process prints a line or the upstream is asked. */
  readonly until: (holds: () => boolean) => Promise<void>;
  /** Kills all processes. */
  readonly killAll: () => Promise<void>;
  /** The same, and removes the rest. */
  readonly close: () => Promise<void>;
}

export const never: Promise<never> = new Promise(() => {});

const PROGRAM = join(import.meta.dirname, 'worker.ts');

export const openFleet = (): Fleet => {
  const directory = mkdtempSync(join(tmpdir(), 'auth-core-'));
  const living = new Map<Worker, ChildProcess>();
  const idle: Worker[] = [];
  const servers: { readonly close: () => Promise<void> }[] = [];
  let stores = 0;
  let watchers: readonly (() => boolean)[] = [];

  /** Every watcher says whether it has seen what it waits for. */
  const look = (): void => {
    watchers = watchers.filter((watcher) => !watcher());
  };
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      watchers = [
        ...watchers,
        () => {
          if (!holds()) return false;
          resolve();
          return true;
        },
      ];
      look();
    });

  const start = (script?: readonly Command[]): Worker => {
    const argument = script === undefined ? [] : [JSON.stringify(script)];
    const child = spawn(
      process.execPath,
      ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning', PROGRAM, ...argument],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const events: AuthEvent[] = [];
    const results: Result[] = [];
    const answers = new Map<number, { readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void }>();
    let sent = 0;

    createInterface({ input: child.stdout }).on('line', (text) => {
      const line: Line = JSON.parse(text);
      if ('event' in line) events.push(line.event);
      else if ('failure' in line) answers.get(line.number)?.reject(new Error(line.failure));
      else {
        results.push(line.result);
        answers.get(line.number)?.resolve(line.result);
      }
      look();
    });
    const exited = new Promise<number | null>((resolve) => {
      child.on('close', (code) => {
        living.delete(worker);
        for (const { reject } of answers.values()) reject(new Error(`Process ${child.pid} ended before it answered.`));
        resolve(code);
      });
    });
    const run = (command: Command): Promise<Result> =>
      new Promise((resolve, reject) => {
        sent += 1;
        const opened = (result: Result): void => {
          events.splice(0);
          resolve(result);
        };
        answers.set(sent, { resolve: command.do === 'open' ? opened : resolve, reject });
        child.stdin.write(`${JSON.stringify({ number: sent, command })}\n`);
      });
    // One that was killed takes no more commands; `run` says so.
    child.stdin.on('error', () => {});

    const worker: Worker = {
      pid: child.pid ?? 0,
      events,
      results,
      run,
      token: async (callers) => (await run({ do: 'token', callers })).tally ?? {},
      signal: (name) => {
        child.kill(name);
      },
      exited,
    };
    living.set(worker, child);
    return worker;
  };

  const killAll = async (): Promise<void> => {
    const workers = [...living.keys()];
    for (const worker of workers) worker.signal('SIGKILL');
    await Promise.all(workers.map(({ exited }) => exited));
  };

  return {
    workers: async (count) => {
      const kept = idle.filter((worker) => living.has(worker));
      idle.splice(0, idle.length, ...kept);
      while (idle.length < count) idle.push(start());
      return idle.slice(0, count);
    },
    script: start,
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
      servers.push({
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      });
      const address = server.address();
      return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, calls };
    },
    storePath: () => {
      stores += 1;
      const place = join(directory, String(stores));
      mkdirSync(place);
      return join(place, 'store.db');
    },
    unplug: (path) => renameSync(join(path, '..'), join(path, '..', '..', `unplugged-${stores}`)),
    until,
    killAll,
    close: async () => {
      await killAll();
      await Promise.all(servers.map(({ close }) => close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
