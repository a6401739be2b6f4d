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

const nowhere = async (name: ClientName) =>
  redisStore(await connections.add(connecting(name, { host: '127.0.0.1', port: await freePort() })));

describeWithRedis('redisStore on one server', () => {
  let server: RedisServer;
  let watch: Redis;
  beforeAll(async () => {
    server = await startRedis();
    watch = new Redis({ host: server.host, port: server.port });
    watch.on('error', () => {});
  });
  afterAll(async () => {
    watch.disconnect();
    await server.close();
  });

  describe.each(CLIENTS)('with %s', (name) => {
    const contract = storeContract({
      create: async () => redisStore(await connections.add(connect(name, server)), PATIENT),
      // By the server's clock, by which entries end: a wait for a replica that it does not have ends then.
      elapse: async (milliseconds) => void (await watch.wait(1, milliseconds)),
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
  const first = (): RedisServer => {
    const [node] = nodes;
    if (node === undefined) throw new Error('The cluster was not started.');
    return node;
  };
  beforeAll(async () => {
    nodes = await startCluster();
  });
  afterAll(() => Promise.all(nodes.map(({ close }) => close())));

  describe.each(CLIENTS)('with %s', (name) => {
    it('spreads entries over all nodes, each of them whole in one, and keeps those of one hash tag together', async () => {
      const client = await connections.add(connectCluster(name, first()));
      const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
      const written = async (prefix: string): Promise<readonly number[]> => {
        const store = redisStore(client, { ...PATIENT, prefix });
        const versions = await Promise.all(keys.map((key) => store.write(key, `value of ${key}`, { ifVersion: null })));
        const entries = keys.map((key, index) => ({ value: `value of ${key}`, version: versions[index] }));
        expect(await Promise.all(keys.map((key) => store.read(key)))).toEqual(entries);
        const found = await Promise.all(nodes.map(({ command }) => command('--raw', 'KEYS', `${prefix}*`)));
        return found.map((text) => text.split('\n').filter((line) => line !== '').length);
      };
      const spread = await written(`spread-${name}:`);
      expect([Math.min(...spread) > 0, spread.reduce((sum, count) => sum + count)]).toEqual([true, keys.length]);
      expect((await written(`{tag-${name}}:`)).toSorted()).toEqual([0, 0, keys.length]);
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
