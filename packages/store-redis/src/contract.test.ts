import { setImmediate } from 'node:timers/promises';
import { storeContract } from '@auth/conformance';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClientName } from '../test/clients.ts';
import { CLIENTS, connect, connectCluster, connecting, connectSentinel, openConnections, PATIENT } from '../test/clients.ts';
import { describeWithRedis, freePort, type RedisServer, type Sentinel, startCluster, startRedis, startSentinel } from '../test/servers.ts';
import { redisStore } from './index.ts';

const connections = openConnections();
afterEach(connections.close);

/** The clock of a server, by which entries end. */
const clockOf = async ({ host, port }: RedisServer) => {
  const client = new Redis({ host, port, lazyConnect: true });
  client.on('error', () => {});
  await client.connect();
  return {
    /** Resolves when it has moved on by this many milliseconds: a wait for a replica that the server does not have ends then. */
    elapse: async (milliseconds: number): Promise<void> => {
      await client.wait(1, milliseconds);
    },
    close: () => client.disconnect(),
  };
};

const nowhere = async (name: ClientName) =>
  redisStore(await connections.add(connecting(name, { host: '127.0.0.1', port: await freePort() })));

describeWithRedis('redisStore on one server', () => {
  let server: RedisServer;
  let clock: Awaited<ReturnType<typeof clockOf>>;
  beforeAll(async () => {
    server = await startRedis();
    clock = await clockOf(server);
  });
  afterAll(async () => {
    clock.close();
    await server.close();
  });

  describe.each(CLIENTS)('with %s', (name) => {
    const contract = storeContract({
      create: async () => redisStore(await connections.add(connect(name, server)), PATIENT),
      elapse: (milliseconds) => clock.elapse(milliseconds),
      restart: async () => {
        connections.close();
        await server.restart();
      },
      unreachable: () => nowhere(name),
    });
    for (const { name: rule, run } of contract) it(rule, run);
  });
});

describeWithRedis('redisStore on a cluster of three', () => {
  let nodes: readonly RedisServer[] = [];
  let clock: Awaited<ReturnType<typeof clockOf>>;
  const first = (): RedisServer => {
    const [node] = nodes;
    if (node === undefined) throw new Error('The cluster was not started.');
    return node;
  };
  beforeAll(async () => {
    nodes = await startCluster();
    clock = await clockOf(first());
  });
  afterAll(async () => {
    clock.close();
    await Promise.all(nodes.map(({ close }) => close()));
  });

  describe.each(CLIENTS)('with %s', (name) => {
    const contract = storeContract({
      create: async () => redisStore(await connections.add(connectCluster(name, first())), PATIENT),
      elapse: (milliseconds) => clock.elapse(milliseconds),
      restart: async () => {
        connections.close();
        await Promise.all(nodes.map(({ restart }) => restart()));
        await Promise.all(nodes.map(({ printed }) => printed('Cluster state changed: ok')));
      },
      unreachable: () => nowhere(name),
    });
    for (const { name: rule, run } of contract) it(rule, run);

    it('spreads entries over all nodes, each of them whole in one', async () => {
      const store = redisStore(await connections.add(connectCluster(name, first())), { ...PATIENT, prefix: `spread-${name}:` });
      const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
      await Promise.all(keys.map((key) => store.write(key, `value of ${key}`)));
      const found = await Promise.all(nodes.map(({ command }) => command('--raw', 'KEYS', `spread-${name}:*`)));
      const counts = found.map((text) => text.split('\n').filter((line) => line !== '').length);
      expect(Math.min(...counts)).toBeGreaterThan(0);
      expect(counts.reduce((sum, count) => sum + count)).toBe(keys.length);
      expect(await Promise.all(keys.map(async (key) => (await store.read(key))?.value))).toEqual(keys.map((key) => `value of ${key}`));
    });

    it('keeps entries of one hash tag in one node, for those who want that', async () => {
      const store = redisStore(await connections.add(connectCluster(name, first())), { ...PATIENT, prefix: `{tag-${name}}:` });
      await Promise.all(Array.from({ length: 20 }, (_, index) => store.write(`key-${index}`, 'value')));
      const found = await Promise.all(nodes.map(({ command }) => command('--raw', 'KEYS', `{tag-${name}}:*`)));
      expect(found.filter((text) => text !== '')).toHaveLength(1);
    });

    it('says that a client for one server does not do', async () => {
      const store = redisStore(await connections.add(connect(name, first())), PATIENT);
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => store.write(`moved-${index}`, 'value')));
      const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.map(({ code, vendorCode }) => `${code} ${vendorCode}`)).toEqual(errors.map(() => 'misconfigured MOVED'));
    });
  });
});

describeWithRedis('redisStore behind Sentinel', () => {
  let sentinel: Sentinel;
  beforeAll(async () => {
    sentinel = await startSentinel();
  });
  afterAll(() => sentinel.close());

  /** The client learns of a failover in its own time. Until then the store says that there is no answer, and never that a race was lost. */
  const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        expect(error).toMatchObject({ code: 'store_unavailable' });
        await setImmediate();
      }
    }
  };

  it('writes to whoever is the master, before and after a failover, with both clients', async () => {
    const stores = await Promise.all(
      CLIENTS.map(async (name) =>
        redisStore(await connections.add(connectSentinel(name, sentinel, sentinel.master)), { ...PATIENT, prefix: `${name}:` }),
      ),
    );
    const versions = await Promise.all(stores.map((store) => store.write('key', 'before')));
    await sentinel.replicated();
    await sentinel.failOver();
    const writeAfter = async (index: number): Promise<void> => {
      const store = stores[index];
      const written = await answered(async () => store?.write('key', 'after', { ifVersion: versions[index] }));
      expect(await answered(async () => store?.read('key'))).toEqual({ value: 'after', version: written });
    };
    await Promise.all(stores.map((_, index) => writeAfter(index)));
  });
});
