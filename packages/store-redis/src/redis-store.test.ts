import type { EventEmitter } from 'node:events';
import { AuthError } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CLIENTS, connect, openConnections, PATIENT } from '../test/clients.ts';
import { startProxy } from '../test/proxy.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../test/servers.ts';
import { type IoRedisLike, type NodeRedisLike, type RedisClientLike, type RedisStoreOptions, redisStore } from './index.ts';

const never: Promise<never> = new Promise(() => {});

/** A client that gives this answer to everything. */
const answering = (answer: () => Promise<unknown>): IoRedisLike => {
  const asked = answer as () => Promise<string>; // Scripts may answer anything; these tests include a read that does.
  return { get: asked, eval: asked, evalsha: asked };
};

const errorOf = async (work: Promise<unknown>): Promise<AuthError> => {
  const error = await work.then(
    (value) => new Error(`It resolved to ${value}.`),
    (reason: unknown) => reason,
  );
  if (!AuthError.is(error)) throw error;
  return error;
};

/** All of them at once: none may reject before somebody listens. */
const errorsOf = (...works: readonly Promise<unknown>[]): Promise<readonly AuthError[]> => Promise.all(works.map(errorOf));

/** What JavaScript lets one do. */
const openingError = (client: unknown, options?: unknown): AuthError => {
  try {
    redisStore(client as RedisClientLike, options as RedisStoreOptions);
  } catch (error) {
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'redis', operation: 'options' });
    if (AuthError.is(error)) return error;
  }
  throw new Error('It was taken.');
};

describe('a client without an answer', () => {
  /** What comes first, and then null. */
  const setUp = (first: Promise<unknown>, options: RedisStoreOptions = {}) => {
    const clock = fakeClock();
    const asked: unknown[] = [];
    const store = redisStore(
      answering(() => (asked.push('asked') === 1 ? first : Promise.resolve(null))),
      { clock, ...options },
    );
    return { clock, asked, store };
  };

  it.each([
    ['after its timeout', 200, { timeout: 200 }],
    ['after 500 ms if nothing else was said', 500, {}],
  ])('is given up %s, and not before', async (_, timeout, options) => {
    const { clock, store } = setUp(never, options);
    let hasEnded = false;
    const reading = errorOf(store.read('key')).finally(() => {
      hasEnded = true;
    });
    await clock.settle(timeout - 1);
    expect(hasEnded).toBe(false);
    await clock.settle(2);
    const message = expect.stringContaining(`${timeout} ms`);
    expect(await reading).toMatchObject({
      code: 'store_unavailable',
      operation: 'store.read',
      provider: 'redis',
      retryable: true,
      message,
    });
  });

  it('is not asked for a second, so that a caller with several operations waits once', async () => {
    const { clock, asked, store } = setUp(never);
    const first = errorOf(store.read('key'));
    await clock.settle(501);
    await first;
    expect(await errorOf(store.read('key'))).toMatchObject({ code: 'store_unavailable' });
    await clock.settle(999);
    expect(await errorOf(store.write('key', 'value'))).toMatchObject({ code: 'store_unavailable', operation: 'store.write' });
    expect(asked).toHaveLength(1);
    await clock.settle(1);
    expect(await store.read('key')).toBeUndefined();
  });

  it('is asked again as soon as an answer comes, however late', async () => {
    const late = Promise.withResolvers<null>();
    const { clock, store } = setUp(late.promise);
    const first = errorOf(store.read('key'));
    await clock.settle(501);
    await first;
    late.resolve(null);
    await clock.settle(0);
    expect(await store.read('key')).toBeUndefined();
  });

  it('may refuse late: nobody is left who would not handle it', async () => {
    const late = Promise.withResolvers<never>();
    const { clock, store } = setUp(late.promise);
    const first = errorOf(store.read('key'));
    await clock.settle(501);
    await first;
    late.reject(new Error('Connection is closed.'));
    // An unhandled rejection would end this test run.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('leaves no timer behind when it does answer', async () => {
    const cancelled: number[] = [];
    const clock = fakeClock();
    const after = (milliseconds: number, run: () => void) => {
      const cancel = clock.after(milliseconds, run);
      const index = cancelled.push(0) - 1;
      return () => {
        cancelled[index] = 1;
        cancel();
      };
    };
    await setUp(Promise.resolve(null), { clock: { ...clock, after } }).store.read('key');
    expect(cancelled).toEqual([1]);
  });
});

describe('what a server or a client refuses', () => {
  const SECRET = 'redis://user:hunter2@10.1.2.3:6379 hunter2';

  it.each([
    ['NOAUTH Authentication required.', 'misconfigured', 'NOAUTH'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'misconfigured', 'WRONGPASS'],
    [`NOPERM User ${SECRET} has no permissions to run the 'evalsha' command`, 'misconfigured', 'NOPERM'],
    [`ERR ACL failure in script: User ${SECRET} has no permissions`, 'misconfigured', 'NOPERM'],
    ["ERR The user executing the script can't run this command or subcommand script: 4fcd, on @user_script:1.", 'misconfigured', 'NOPERM'],
    ['ERR Unknown Redis command called from script script: 4fcd, on @user_script:1.', 'misconfigured', 'UNKNOWN'],
    ['MOVED 3999 127.0.0.1:6381', 'misconfigured', 'MOVED'],
    ['ASK 3999 127.0.0.1:6381', 'misconfigured', 'ASK'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'misconfigured', 'WRONGTYPE'],
    [`ERR unknown command 'evalsha', with args beginning with: ${SECRET}`, 'misconfigured', 'UNKNOWN'],
    ["READONLY You can't write against a read only replica.", 'store_unavailable', 'READONLY'],
    [
      "ERR Error running script (call to f_a): @user_script:8: @user_script: 8: -READONLY You can't write against a read only replica.",
      'store_unavailable',
      'READONLY',
    ],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'store_unavailable', 'OOM'],
    ['MISCONF Redis is configured to save RDB snapshots', 'store_unavailable', 'MISCONF'],
    ['NOREPLICAS Not enough good replicas to write.', 'store_unavailable', 'NOREPLICAS'],
    ['LOADING Redis is loading the dataset in memory', 'store_unavailable', 'LOADING'],
    ['CLUSTERDOWN The cluster is down', 'store_unavailable', 'CLUSTERDOWN'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'store_unavailable', 'TRYAGAIN'],
    ['MASTERDOWN Link with MASTER is down', 'store_unavailable', 'MASTERDOWN'],
    ['BUSY Redis is busy running a script.', 'store_unavailable', 'BUSY'],
    ['ERR max number of clients reached', 'store_unavailable', undefined],
    ['Too many Cluster redirections. Last error: ReplyError: MOVED 1 10.1.2.3:1', 'store_unavailable', undefined],
    [`connect ECONNREFUSED ${SECRET}`, 'store_unavailable', undefined],
    ['Command failed: OOM command not allowed', 'store_unavailable', 'OOM'],
    [`Command 1 [ evalsha ] failed: NOPERM ${SECRET}`, 'misconfigured', 'NOPERM'],
    [`WRONGPASS invalid or missing auth token, command was: ["get","${SECRET}"]`, 'misconfigured', 'WRONGPASS'],
  ])('%s', async (message, code, vendorCode) => {
    const store = redisStore(answering(() => Promise.reject(new Error(message))));
    for (const error of [await errorOf(store.read('key')), await errorOf(store.write('key', 'a value that is secret'))]) {
      expect(error).toMatchObject({ code, vendorCode, provider: 'redis' });
      expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(/hunter2|10\.1\.2\.3|secret/);
      expect(error.cause).toBeUndefined();
    }
  });

  class ClientOfflineError extends Error {}

  it.each([
    ['the code of the system', Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['the code within', new Error('fetch failed', { cause: Object.assign(new Error('hunter2'), { code: 'ENOTFOUND' }) }), 'ENOTFOUND'],
    ['the first of several codes', new AggregateError([Object.assign(new Error(), { code: 'EHOSTUNREACH' })]), 'EHOSTUNREACH'],
    ['the class of the client', new ClientOfflineError('hunter2'), 'ClientOfflineError'],
    ['nothing else', Object.assign(new RangeError('hunter2'), { code: 'hunter2' }), undefined],
  ])('says of a lost connection %s', async (_, lost, vendorCode) => {
    const error = await errorOf(redisStore(answering(() => Promise.reject(lost))).read('key'));
    expect(error).toMatchObject({ code: 'store_unavailable', vendorCode });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('hunter2');
  });

  it('is an answer too when it is thrown at once, or is no error', async () => {
    const throwing = answering(() => {
      throw new Error('The client is closed');
    });
    expect(await errorOf(redisStore(throwing).read('key'))).toMatchObject({ code: 'store_unavailable' });
    expect(await errorOf(redisStore(answering(() => Promise.reject('closed'))).write('key', 'value'))).toMatchObject({
      code: 'store_unavailable',
    });
  });
});

describe('a client that does not fit', () => {
  const client = answering(() => never);
  const NO_CLIENT = 'redisStore was given no client. Pass a client of node-redis, ioredis or Upstash: redisStore(client).';

  it.each<readonly [string, unknown, string]>([
    ['one without scripts', { get: async () => null }, 'without eval and evalsha'],
    ['one without get', { ...client, get: undefined }, 'without get'],
    ['undefined', undefined, NO_CLIENT],
    ['null', null, NO_CLIENT],
    ['a URL', 'redis://127.0.0.1:6379', NO_CLIENT],
  ])('is refused at once when it is %s, with a word on what to give', (_, given, message) => {
    expect(openingError(given).message).toContain(message);
  });

  it('is told from a store that is down when its answers are no texts', async () => {
    const store = redisStore(answering(async () => Buffer.from('value')));
    for (const error of await errorsOf(store.read('key'), store.write('key', 'value')))
      expect(error).toMatchObject({ code: 'misconfigured' });
  });

  it('may give numbers as texts', async () => {
    expect(await redisStore(answering(async () => '1')).write('key', 'value')).toHaveLength(22);
    expect(await redisStore(answering(async () => '0')).write('key', 'value')).toBeUndefined();
  });
});

describe('options that do not fit', () => {
  const client = answering(async () => null);

  it.each([
    ['timeout', [Number.NaN, 0, -5, '500ms', null]],
    ['prefix', [null, 5, 'half \ud800']],
    ['clock', [null, { now: () => 0 }]],
  ])('are refused at once: %s', (name, values) => {
    for (const value of values)
      expect(openingError(client, { [name]: value }).message).toMatch(
        new RegExp(`^The option ${name} of redisStore must be .*\\. Leave it out for`),
      );
  });

  it('are refused at once when there is no such option', () => {
    const message = 'redisStore has no option prefx. Its options are prefix, timeout, clock.';
    expect(openingError(client, { prefx: 'mine:' }).message).toBe(message);
  });

  it('are own members, and nothing that somebody put on Object.prototype', async () => {
    const asked: unknown[] = [];
    const get = async (key: string): Promise<null> => {
      asked.push(key);
      return null;
    };
    Object.defineProperty(Object.prototype, 'prefix', { value: 'evil:', configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'prefix'));
    await redisStore({ ...client, get }).read('key');
    expect(asked).toEqual(['aggregator-auth:key']);
  });

  it.each(['mine:', null])('are refused at once when they are %j', (options) => {
    expect(openingError(client, options).message).toContain('must be an object, as in redisStore(client, { prefix })');
  });

  it('are none of those that say nothing', async () => {
    const infinite = { prefix: '', timeout: Number.POSITIVE_INFINITY };
    for (const options of [undefined, {}, { prefix: undefined, timeout: undefined, clock: undefined }, infinite])
      expect(await redisStore(client, options).read('key')).toBeUndefined();
  });

  it.each<readonly [string, unknown]>([
    ['no number', Number.NaN],
    ['a text', '5s'],
  ])('are told from an outage when a ttl is %s', async (_, ttl) => {
    // What JavaScript lets one do.
    const error = await errorOf(redisStore(client).write('key', 'value', { ttl: ttl as number }));
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('must be a number of milliseconds') });
  });
});

describe('half a character', () => {
  it('is refused in keys and values, because Redis would turn it into another one', async () => {
    const store = redisStore(answering(async () => 1));
    for (const error of await errorsOf(store.read('\ud800'), store.write('\ud800', 'value'), store.write('key', 'value \udc00')))
      expect(error).toMatchObject({ code: 'invalid_request' });
  });
});

describeWithRedis('redisStore in a server', () => {
  let server: RedisServer;
  const connections = openConnections();
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(connections.close);
  afterAll(() => server.close());

  describe.each(CLIENTS)('with %s', (name) => {
    const open = async (options: RedisStoreOptions = {}, client = connections.add(connect(name, server))) =>
      redisStore(await client, { ...PATIENT, ...options });

    it('keeps an entry in one text under the prefix, with the server counting its life', async () => {
      const version = await (await open({ prefix: 'mine:' })).write(name, 'value', { ttl: 60_000.5 });
      expect(await server.command('GET', `mine:${name}`)).toBe(`${version}value`);
      const left = Number(await server.command('PTTL', `mine:${name}`));
      expect(left).toBeGreaterThan(50_000);
      expect(left).toBeLessThanOrEqual(60_001);
      await (await open()).write(name, 'value');
      expect(await server.command('PTTL', `aggregator-auth:${name}`)).toBe('-1');
    });

    it('takes a life of nothing for a deletion, and one without end for ever', async () => {
      const store = await open();
      await store.write('life', 'value');
      expect(await store.write('life', 'value', { ttl: 0 })).toHaveLength(22);
      expect(await store.read('life')).toBeUndefined();
      await store.write('life', 'value', { ttl: Number.POSITIVE_INFINITY });
      expect((await store.read('life'))?.value).toBe('value');
    });

    it('takes no word for a version that means something to the script', async () => {
      const store = await open();
      for (const ifVersion of ['', 'any', 'absent', 'is ']) expect(await store.write('words', 'value', { ifVersion })).toBeUndefined();
    });

    it('counts a write that the client sends twice as one that succeeded', async () => {
      const store = redisStore(sendingTwice(await connections.add(connect(name, server))), PATIENT);
      const first = await store.write(`twice-${name}`, 'first', { ifVersion: null });
      expect(first).toBeDefined();
      const second = await store.write(`twice-${name}`, 'second', { ifVersion: first });
      expect(await store.read(`twice-${name}`)).toEqual({ value: 'second', version: second });
    });

    it('goes on after the server was told to forget its scripts', async () => {
      const store = await open();
      await store.write('scripts', 'first');
      await server.command('SCRIPT', 'FLUSH');
      const version = await store.write('scripts', 'second');
      expect(await store.read('scripts')).toEqual({ value: 'second', version });
    });

    it('reads the answers that came while this process stood still, before it gives up', async () => {
      const store = redisStore(await connections.add(connect(name, server)));
      const version = await store.write('still', 'value');
      server.signal('SIGSTOP');
      const reading = store.read('still');
      for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      server.signal('SIGCONT');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
      expect(await reading).toEqual({ value: 'value', version });
    });

    it.each([
      ['a short text', 'text'],
      ['a long text', 'a text that is longer than a version is'],
      ['an empty text', ''],
      ['a text as long as a version, with a character that none has', '0123456789abcdefghij+/'],
    ])('says that keys of another program are in its way, and leaves them as they are: %s', async (_, text) => {
      const store = await open({ prefix: 'other:' });
      const key = crypto.randomUUID();
      await server.command('SET', `other:${key}`, text);
      const writes = [{}, { ttl: 60_000 }, { ifVersion: null }, { ifVersion: text }].map((options) => store.write(key, 'value', options));
      for (const error of await errorsOf(store.read(key), ...writes, store.write(key, undefined)))
        expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('another program') });
      expect(await server.command('GET', `other:${key}`)).toBe(text);
      expect(await server.command('TTL', `other:${key}`)).toBe('-1');
    });

    it('says so of other types than texts too', async () => {
      const store = await open({ prefix: 'other:' });
      await server.command('HSET', 'other:hash', 'field', 'text');
      for (const error of await errorsOf(
        store.read('hash'),
        store.write('hash', 'value'),
        store.write('hash', undefined, { ifVersion: null }),
      ))
        expect(error).toMatchObject({ code: 'misconfigured', vendorCode: 'WRONGTYPE' });
    });

    it('takes every version that it makes for its own', async () => {
      const store = await open();
      // With letters, digits and both other characters in it.
      const versions = new Set<string>();
      while (!/_.*-|-.*_/.test([...versions].join(''))) {
        const version = await store.write('own', 'value');
        if (version !== undefined) versions.add(version);
      }
      expect(await store.write('own', 'value', { ifVersion: [...versions].at(-1) })).toBeDefined();
    });

    it('sends a write once, although its connection breaks before the answer', async () => {
      const proxy = await startProxy(server);
      onTestFinished(proxy.close);
      const client = await connections.add(connect(name, proxy));
      const store = redisStore(client, PATIENT);
      const other = await open();
      await store.write('once', 'before');
      const lost = proxy.loseNextAnswer();
      const writing = errorOf(store.write('once', 'mine'));
      await lost;
      expect((await other.read('once'))?.value).toBe('mine');
      await other.write('once', 'theirs');
      expect(await writing).toMatchObject({ code: 'store_unavailable' });
      // Both clients report it by an event, which is not among the things that the store asks for.
      const events = client as unknown as EventEmitter;
      // Not by `once` of node:events, which rejects when the end of the old connection is told late.
      const connected = new Promise((resolve) => events.once('ready', resolve));
      proxy.mend();
      await connected;
      expect((await store.read('once'))?.value).toBe('theirs');
    });

    it('works for a user with the permissions of the README, and says when one is missing', async () => {
      const { username, password } = { username: `tokens-${name}`, password: 'a-password' };
      const keys = ['~aggregator-auth:*', 'resetchannels'];
      const commands = ['+get', '+set', '+del', '+evalsha', '+eval', '+ping', '+hello', '+info'];
      await server.command('ACL', 'SETUSER', username, 'on', `>${password}`, ...keys, '-@all', ...commands);
      const client = connections.add(connect(name, server, { username, password }));
      const store = await open({}, client);
      const version = await store.write('acl', 'value', { ttl: 60_000 });
      expect(await store.read('acl')).toEqual({ value: 'value', version });
      await store.write('acl', undefined, { ifVersion: version });

      const foreign = await open({ prefix: 'foreign:' }, client);
      for (const error of await errorsOf(foreign.write('acl', 'value'), foreign.read('acl')))
        expect(error).toMatchObject({ code: 'misconfigured', vendorCode: 'NOPERM' });
      await server.command('ACL', 'SETUSER', username, '-set');
      expect(await errorOf(store.write('acl', 'value'))).toMatchObject({ code: 'misconfigured', vendorCode: 'NOPERM' });
    });

    it('says that memory is full, and still reads', async () => {
      const store = await open();
      const version = await store.write(`full-${name}`, 'value');
      await server.command('CONFIG', 'SET', 'maxmemory', '1');
      try {
        expect(await errorOf(store.write(`full-${name}`, 'other'))).toMatchObject({ code: 'store_unavailable', vendorCode: 'OOM' });
        expect(await store.read(`full-${name}`)).toEqual({ value: 'value', version });
      } finally {
        await server.command('CONFIG', 'SET', 'maxmemory', '0');
      }
    });
  });
});

/** Sends every script twice, like a client that lost its connection before the first answer came. */
const sendingTwice = (client: RedisClientLike): RedisClientLike =>
  'evalSha' in client ? nodeRedisTwice(client) : ioRedisTwice(client as IoRedisLike); // one of the two, in these tests

const nodeRedisTwice = (client: NodeRedisLike): NodeRedisLike => ({
  get: (key) => client.get(key),
  eval: (script, call) => client.eval(script, call),
  evalSha: (sha, call) => client.evalSha(sha, call).then(() => client.evalSha(sha, call)),
});

const ioRedisTwice = (client: IoRedisLike): IoRedisLike => ({
  get: (key) => client.get(key),
  eval: (script, keys, ...args) => client.eval(script, keys, ...args),
  evalsha: (sha, keys, ...args) => client.evalsha(sha, keys, ...args).then(() => client.evalsha(sha, keys, ...args)),
});
