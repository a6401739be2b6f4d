import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';

const BINARIES: readonly string[] = ['redis-server', 'redis-cli'];

/** Those of them that this machine does not have. */
export const missingBinaries = (): readonly string[] =>
  BINARIES.filter((binary) => spawnSync(binary, ['--version'], { stdio: 'ignore' }).status !== 0);

/** A suite that needs a real Redis (7 or newer, for the options that it is started with): skipped, with the reason in its name, where there is none; there CI fails. */
export const describeWithRedis = (name: string, suite: () => void): void => {
  const missing = missingBinaries().join(' and ');
  if (missing === '') describe(name, suite);
  else if (process.env['CI'] !== 'true') {
    const reason = `skipped, as ${missing} is not installed`;
    console.warn(`${name}: ${reason}.`);
    describe.skip(`${name} (${reason})`, suite);
  } else
    describe(name, () => {
      it('finds a Redis', () => {
        throw new Error(`${missing} is not installed. Install the Debian package redis-server.`);
      });
    });
};

/** A server on the loopback interface that keeps its data over a restart. */
export interface RedisServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly url: string;
  /** One command by `redis-cli`. */
  readonly command: (...args: readonly string[]) => Promise<string>;
  /** Resolves once it has printed such a line, or will have. */
  readonly printed: (text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
  /** Ends it, and removes its files. */
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';

/** How a server is started. */
interface ServerOptions {
  readonly args?: readonly string[];
  /** The configuration of a sentinel. */
  readonly file?: string;
  /** A line of its log that says that it is ready. */
  readonly ready?: string;
}

/** Starts one. */
export const startRedis = async ({ args = [], file, ready = 'Ready to accept connections' }: ServerOptions = {}): Promise<RedisServer> => {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'store-redis-'));
  let child: ChildProcess | undefined;
  let lines: string[] = [];
  let watchers: readonly { readonly text: string; readonly resolve: () => void }[] = [];
  const hear = (line: string): void => {
    lines.push(line);
    for (const { text, resolve } of watchers) if (line.includes(text)) resolve();
    watchers = watchers.filter(({ text }) => !line.includes(text));
  };
  const printed = (text: string): Promise<void> =>
    lines.some((line) => line.includes(text))
      ? Promise.resolve()
      : new Promise((resolve) => {
          watchers = [...watchers, { text, resolve }];
        });

  const start = async (): Promise<void> => {
    lines = [];
    // Looks at its clock every 5 ms, and not every 100, so that what is to end at a time ends then.
    const place = ['--port', String(port), '--bind', HOST, '--dir', directory, '--hz', '200'];
    // With its default, `everysec`, a write waits where the disk is busy, and is lost when the server is killed then.
    const kind = file === undefined ? ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'] : ['--sentinel'];
    const started = spawn('redis-server', [...(file === undefined ? [] : [file]), ...place, ...kind, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    createInterface({ input: started.stdout }).on('line', hear);
    const ended = new Promise<never>((_, reject) => {
      started.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${lines.join('\n')}`)));
    });
    ended.catch(() => {});
    await Promise.race([printed(ready), ended]);
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await exited;
  };

  await start();
  return {
    host: HOST,
    port,
    url: `redis://${HOST}:${port}`,
    command: async (...command) =>
      (await promisify(execFile)('redis-cli', ['-e', '-h', HOST, '-p', String(port), ...command])).stdout.trim(),
    printed,
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
    signal: (name) => {
      child?.kill(name);
    },
    close: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** So many masters that share the slots. */
export const startCluster = async (count = 3): Promise<readonly RedisServer[]> => {
  const nodes = await Promise.all(
    Array.from({ length: count }, async () => {
      const busPort = await freePort();
      return startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)] });
    }),
  );
  const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  await Promise.all(nodes.map(({ printed }) => printed('Cluster state changed: ok')));
  return nodes;
};

/** A master with a replica, and a sentinel that watches them. */
export interface Sentinel {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** What it calls the master. */
  readonly master: string;
  /** Resolves once the replica has everything that was written. */
  readonly replicated: () => Promise<void>;
  /** Makes the replica the master, and resolves once the other one is its replica: until then that one takes writes, which are lost. */
  readonly failOver: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts the three. */
export const startSentinel = async (): Promise<Sentinel> => {
  const name = 'tokens';
  const one = await startRedis();
  const two = await startRedis({ args: ['--replicaof', `${HOST} ${one.port}`], ready: 'MASTER <-> REPLICA sync: Finished' });
  const directory = mkdtempSync(join(tmpdir(), 'store-redis-sentinel-'));
  const file = join(directory, 'sentinel.conf');
  writeFileSync(file, `sentinel monitor ${name} ${HOST} ${one.port} 1\nsentinel down-after-milliseconds ${name} 1000\n`);
  const sentinel = await startRedis({ file, ready: '+slave ' });
  let [master, replica] = [one, two];
  const replicated = async (): Promise<void> => {
    await master.command('WAIT', '1', '0');
  };
  return {
    host: HOST,
    port: sentinel.port,
    master: name,
    replicated,
    failOver: async () => {
      await sentinel.command('SENTINEL', 'FAILOVER', name);
      await sentinel.printed(`+switch-master ${name} ${HOST} ${master.port} ${HOST} ${replica.port}`);
      // As the sentinel does it by itself, but a quarter of a minute later.
      await master.command('REPLICAOF', HOST, String(replica.port));
      await master.command('CLIENT', 'KILL', 'TYPE', 'normal');
      [master, replica] = [replica, master];
      await replicated();
    },
    close: async () => {
      await Promise.all([sentinel, one, two].map(({ close }) => close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** A port that nobody listens at. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, HOST, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('The loopback interface has no free port.');
  return address.port;
};
