import { setImmediate } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';
import type { RedisClientLike } from '../src/index.ts';

/** A connected client, and its end. */
export interface Connection {
  readonly client: RedisClientLike;
  readonly close: () => void;
}

/** A connection to one server. */
export interface ServerConnection extends Connection {
  /** Resolves once the server answers this client: at once, or after whatever keeps it from answering. */
  readonly answered: () => Promise<void>;
}

/** The clients that the store has to work with. */
export type ClientName = 'node-redis' | 'ioredis';
export const CLIENTS: readonly ClientName[] = ['node-redis', 'ioredis'];

/** For stores whose answers are what counts, not how fast a busy machine gives them. */
export const PATIENT = { timeout: 10_000 };

/** Where a server is. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Who the client is to be. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** Milliseconds between attempts to connect again. */
const RECONNECT = 50;

/** As the README recommends: what cannot be sent at once fails at once, and nothing is sent twice. */
export const connect = async (name: ClientName, { host, port }: Address, credentials: Credentials = {}): Promise<ServerConnection> => {
  if (name === 'ioredis') {
    const client = new Redis({ ...IOREDIS, host, port, ...credentials });
    client.on('error', () => {});
    await client.connect();
    const isReady = (): boolean => client.status === 'ready';
    const ready = (): Promise<void> => new Promise((resolve) => client.once('ready', () => resolve()));
    return { client, answered: answering(isReady, ready, () => client.ping()), close: () => client.disconnect() };
  }
  const client = createClient({ socket: { host, port, reconnectStrategy: RECONNECT }, disableOfflineQueue: true, ...credentials });
  client.on('error', () => {});
  await client.connect();
  const ready = (): Promise<void> => new Promise((resolve) => client.once('ready', () => resolve()));
  return {
    client,
    answered: answering(
      () => client.isReady,
      ready,
      () => client.ping(),
    ),
    close: () => client.destroy(),
  };
};

const answering = (isReady: () => boolean, ready: () => Promise<void>, ping: () => Promise<unknown>) => async (): Promise<void> => {
  for (;;) {
    if (!isReady()) await ready();
    const isAnswered = await ping().then(
      () => true,
      () => false,
    );
    if (isAnswered) return;
    // A client hears that it was cut off after it has refused what it cannot send.
    await setImmediate();
  }
};

const IOREDIS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (): number => RECONNECT,
} as const;

/** One that goes on trying to reach a server that may not be there. */
export interface Connecting extends Connection {
  /** Resolves when it is connected, or after so many milliseconds: a product starts without Redis too. */
  readonly ready: (milliseconds: number) => Promise<void>;
}

export const connecting = (name: ClientName, address: Address): Connecting => {
  if (name === 'ioredis') {
    const client = new Redis({ ...IOREDIS, ...address });
    client.on('error', () => {});
    return { client, close: () => client.disconnect(), ready: within(client.connect()) };
  }
  const client = createClient({ socket: { ...address, reconnectStrategy: RECONNECT }, disableOfflineQueue: true });
  client.on('error', () => {});
  return { client, close: () => client.destroy(), ready: within(client.connect()) };
};

const within = (connected: Promise<unknown>): Connecting['ready'] => {
  const settled = connected.then(
    () => {},
    () => {},
  );
  return async (milliseconds) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([settled, late]);
    clearTimeout(timer);
  };
};

/** A client of a cluster, from one of its nodes. */
export const connectCluster = async (name: ClientName, { host, port }: Address): Promise<Connection> => {
  if (name === 'ioredis') {
    const client = new Cluster([{ host, port }], { lazyConnect: true });
    client.on('error', () => {});
    await client.connect();
    return { client, close: () => client.disconnect() };
  }
  const client = createCluster({ rootNodes: [{ socket: { host, port } }] });
  client.on('error', () => {});
  await client.connect();
  return { client, close: () => client.destroy() };
};

/** A client that asks a sentinel who the master is. */
export const connectSentinel = async (name: ClientName, { host, port }: Address, master: string): Promise<Connection> => {
  if (name === 'ioredis') {
    const client = new Redis({ sentinels: [{ host, port }], name: master, lazyConnect: true });
    client.on('error', () => {});
    await client.connect();
    return { client, close: () => client.disconnect() };
  }
  const client = createSentinel({ name: master, sentinelRootNodes: [{ host, port }] });
  client.on('error', () => {});
  await client.connect();
  return { client, close: () => client.destroy() };
};

/** Connections that end together. */
export interface Connections {
  readonly add: (connection: Connection | Promise<Connection>) => Promise<RedisClientLike>;
  readonly close: () => void;
}

/** None at first. */
export const openConnections = (): Connections => {
  const open: Connection[] = [];
  return {
    add: async (connection) => {
      const opened = await connection;
      open.push(opened);
      return opened.client;
    },
    close: () => {
      for (const { close } of open.splice(0)) close();
    },
  };
};
