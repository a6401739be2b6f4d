import { storeContract } from '@auth/conformance';
import { AuthError } from '@auth/core';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PATIENT } from '../test/clients.ts';
import { type RestServer, restClient, startRest } from '../test/rest.ts';
import { describeWithRedis, freePort, type RedisServer, startRedis } from '../test/servers.ts';
import { type RedisClientLike, redisStore } from './index.ts';

/** What JavaScript lets one pass. */
const messageFor = (client: unknown): string => {
  try {
    redisStore(client as RedisClientLike);
    return 'It was taken.';
  } catch (error) {
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'redis', operation: 'options' });
    return AuthError.is(error) ? error.message : '';
  }
};

describeWithRedis('redisStore over HTTP, with a client that parses JSON and sends commands together', () => {
  let server: RedisServer;
  let watch: Redis;
  let rest: RestServer;
  const open = () => redisStore(restClient(rest.url), { ...PATIENT, prefix: 'rest:' });
  beforeAll(async () => {
    server = await startRedis();
    watch = new Redis({ host: server.host, port: server.port });
    watch.on('error', () => {});
    rest = await startRest(server);
  });
  afterAll(async () => {
    watch.disconnect();
    await rest.close();
    await server.close();
  });

  const contract = storeContract({
    create: async () => redisStore(restClient(rest.url), PATIENT),
    elapse: async (milliseconds) => void (await watch.wait(1, milliseconds)),
    restart: async () => {
      await rest.close();
      await server.restart();
      rest = await startRest(server);
    },
    unreachable: async () => redisStore(restClient(`http://127.0.0.1:${await freePort()}/`)),
  });
  for (const { name, run } of contract) it(name, run);

  it.each(['{"a":"é😀"}', '7', 'null', '"text"', ''])('keeps the value %j as it is, although it is JSON', async (value) => {
    const store = open();
    const version = await store.write('json', value);
    expect(await store.read('json')).toEqual({ value, version });
  });

  it('goes on after the server was told to forget its scripts', async () => {
    await server.command('SCRIPT', 'FLUSH');
    const version = await open().write('scripts', 'value');
    expect(await open().read('scripts')).toEqual({ value: 'value', version });
  });

  it('writes many entries at once, each by its own condition', async () => {
    const store = open();
    const writes = Array.from({ length: 50 }, (_, index) => store.write(`many-${index % 25}`, `${index}`, { ifVersion: null }));
    expect((await Promise.all(writes)).filter((version) => version !== undefined)).toHaveLength(25);
  });

  it('says that keys of another program are in its way, although the client has parsed them', async () => {
    await server.command('SET', 'rest:other', '{"session":1}');
    for (const work of [open().read('other'), open().write('other', 'value')])
      await expect(work).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining('another program') });
  });

  it('names the code of the server behind the words of the client', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    onTestFinished(async () => void (await server.command('CONFIG', 'SET', 'maxmemory', '0')));
    await expect(open().write('full', 'value')).rejects.toMatchObject({ code: 'store_unavailable', vendorCode: 'OOM' });
  });

  it('says that a server is down, with the code of the system', async () => {
    const store = redisStore(restClient(`http://127.0.0.1:${await freePort()}/`), PATIENT);
    await expect(store.read('key')).rejects.toMatchObject({ code: 'store_unavailable', vendorCode: 'ECONNREFUSED' });
  });
});

describeWithRedis('redisStore with an ioredis that sends commands together', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.close());

  it('writes many entries at once, each by its own condition, and reads them', async () => {
    const client = new Redis({ host: server.host, port: server.port, enableAutoPipelining: true });
    onTestFinished(() => client.disconnect());
    await server.command('SCRIPT', 'FLUSH');
    const store = redisStore(client, PATIENT);
    const writes = Array.from({ length: 50 }, (_, index) => store.write(`many-${index % 25}`, 'value', { ifVersion: null }));
    const versions = (await Promise.all(writes)).filter((version) => version !== undefined);
    const entries = await Promise.all(Array.from({ length: 25 }, (_, index) => store.read(`many-${index}`)));
    expect(entries.map((entry) => entry?.version).toSorted()).toEqual(versions.toSorted());
    expect(versions).toHaveLength(25);
  });

  it('says that a client is in the transaction of somebody else', async () => {
    const client = new Redis({ host: server.host, port: server.port });
    onTestFinished(() => client.disconnect());
    await client.multi({ pipeline: false });
    const store = redisStore(client, PATIENT);
    for (const work of [store.read('key'), store.write('key', 'value')])
      await expect(work).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining('client of its own') });
  });
});

describe('what looks like a client and is none', () => {
  const node = createClient();
  const io = new Redis({ lazyConnect: true });
  afterAll(() => io.disconnect());

  it.each<[string, () => unknown, string]>([
    ['a pipeline of ioredis', () => io.pipeline(), 'a pipeline or a transaction, whose commands wait for exec()'],
    ['a transaction of ioredis', () => io.multi(), 'a pipeline or a transaction, whose commands wait for exec()'],
    ['a transaction of node-redis', () => node.multi(), 'a pipeline or a transaction, whose commands wait for exec()'],
    ['a pipeline of Upstash', () => ({ ...restClient(''), exec: () => {} }), 'a pipeline or a transaction, whose commands wait for exec()'],
    ['node-redis in legacy mode', () => node.legacy(), 'a client of node-redis in legacy mode'],
    [
      'node-redis 4 in legacy mode',
      () => ({ get: () => {}, eval: () => {}, evalSha: () => {}, evalsha: () => {}, on: () => {}, multi: () => {} }),
      'a client of node-redis in legacy mode',
    ],
    ['a factory', () => createClient, 'a function instead of a client. Pass what it returns: redisStore(createClient()).'],
    ['a promise', () => Promise.resolve(node), 'a promise instead of a client. Await it first: redisStore(await client.connect()).'],
    ['one without scripts', () => ({ get: () => {}, send: () => {} }), 'a client without eval and evalsha'],
  ])('is refused at the door: %s', (_, client, message) => {
    expect(messageFor(client())).toContain(`redisStore was given ${message}`);
  });

  it('is told in use when it answers by callbacks, like node-redis 3', async () => {
    const callbacks = { get: () => true, eval: () => true, evalsha: () => true } as unknown as RedisClientLike; // that is what is tested
    for (const work of [redisStore(callbacks).read('key'), redisStore(callbacks).write('key', 'value')])
      await expect(work).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining('returns no promises') });
  });

  it('is told from an outage when it fails with a TypeError', async () => {
    const fail = async (): Promise<never> => {
      throw new TypeError('"arguments[0]" must be of type "string | Buffer", got number instead.');
    };
    const store = redisStore({ get: fail, eval: fail, evalsha: fail });
    for (const work of [store.read('key'), store.write('key', 'value')])
      await expect(work).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining('TypeError') });
  });

  it('may be a client that is made at its first use, as a proxy', async () => {
    const made = restClient('http://127.0.0.1:9/');
    const lazy = new Proxy({} as typeof made, { get: (_, name) => Reflect.get(made, name) });
    expect(messageFor(lazy)).toBe('It was taken.');
  });
});
