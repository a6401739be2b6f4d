// One token for a fleet, over the clients that people have for Redis: those that send what a moment brings together in one go, and one over HTTP.
import { AuthError, authorizedFetch, createRegistry } from '@auth/core';
import { finicityPlugin } from '@auth/finicity';
import { redisStore } from '@auth/store-redis';
import { Redis as Upstash } from '@upstash/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { expect } from '../shared/expect.js';
import { sandboxAt } from '../shared/sandbox.js';
import { run } from '../shared/steps.js';
import { upstash } from './upstash.js';

const { REDIS_URL, FINICITY_BASE_URL } = process.env;
const TOKENS = '/aggregation/v2/partners/authentication';
const sandbox = sandboxAt(FINICITY_BASE_URL);
const server = new Redis(REDIS_URL);
const rest = await upstash(server, 'a-token');

const nodeRedis = async () => {
  const client = createClient({ url: REDIS_URL });
  await client.connect();
  return { client, end: () => client.close() };
};
const ioredis = (options) => async () => {
  const client = new Redis(REDIS_URL, options);
  return { client, end: () => client.quit() };
};
const overHttp = (options) => async () => {
  const client = new Upstash({ url: rest.url, token: 'a-token', enableTelemetry: false, retry: false, ...options });
  return { client, end: () => {} };
};

/** Two members of a fleet, each with a client of its own. */
const shared = async (open) => {
  await server.flushall();
  const members = await Promise.all(
    [open, open].map(async (each) => {
      const { client, end } = await each();
      const events = [];
      const provider = createRegistry([finicityPlugin]).fromEnv(
        { ...process.env, AUTH_PROVIDER: 'finicity' },
        { store: redisStore(client), observe: (event) => events.push(event) },
      );
      return { provider, events, end, token: async () => (await provider.application.token()).value };
    }),
  );
  const past = await sandbox.calls();
  const asked = async () => (await sandbox.since(past, TOKENS)).length;
  const many = () => Promise.all(members.flatMap(({ token }) => Array.from({ length: 25 }, token)));

  const tokens = new Set(await many());
  expect(tokens.size === 1 && (await asked()) === 1, `Fifty calls got ${tokens.size} tokens by ${await asked()} requests.`);
  expect((await server.dbsize()) > 0, 'Nothing was written to Redis.');

  await sandbox.expireTokens();
  const calls = await Promise.all(
    members.map(({ provider }) => authorizedFetch(provider.application)('institution/v2/institutions?limit=1')),
  );
  expect(
    calls.every(({ status }) => status === 200),
    `After the vendor ended the token the calls got ${calls.map(({ status }) => status)}.`,
  );
  const renewed = new Set(await many());
  expect(renewed.size === 1 && !tokens.has([...renewed][0]), `After that there are ${renewed.size} tokens.`);
  expect((await asked()) === 2, `Two tokens took ${await asked()} requests.`);

  // What a script is lost with: a restart, a failover.
  await server.script('FLUSH');
  await sandbox.expireTokens();
  const { status } = await authorizedFetch(members[0].provider.application)('institution/v2/institutions?limit=1');
  expect(status === 200 && (await asked()) === 3, `After the scripts were lost a call got ${status}, by ${await asked()} requests.`);

  const failures = members.flatMap(({ events }) => events.filter(({ type }) => type.includes('store')).map(({ type }) => type));
  expect(failures.length === 0, `Events tell of the store: ${failures}.`);
  for (const { provider, end } of members) {
    await provider[Symbol.asyncDispose]();
    await end();
  }
};

/** Told at once, and by name. */
const refused = (client, word) => {
  try {
    redisStore(client);
  } catch (error) {
    expect(AuthError.is(error, 'misconfigured') && word.test(error.message), `It does not say ${word}: ${error.message}`);
    return;
  }
  expect(false, 'It was taken for a client.');
};

await run({
  'node-redis, which pipelines by itself': () => shared(nodeRedis),
  'ioredis, one command at a time': () => shared(ioredis({})),
  'ioredis with enableAutoPipelining': () => shared(ioredis({ enableAutoPipelining: true })),
  'Upstash, whose client pipelines by itself': async () => {
    const past = rest.requests();
    await shared(overHttp({}));
    expect(rest.requests() > past, 'Nothing went over HTTP.');
  },
  'Upstash, one command at a time': () => shared(overHttp({ enableAutoPipelining: false })),
  'Upstash without deserialisation': () => shared(overHttp({ automaticDeserialization: false })),
  'a pipeline of ioredis is no client': () => refused(server.pipeline(), /pipeline|ioredis/i),
  'a transaction of node-redis is no client': async () => {
    const { client, end } = await nodeRedis();
    refused(client.multi(), /multi|transaction|node-redis/i);
    await end();
  },
  'a wrong token of Upstash is told as misconfigured': async () => {
    const { client } = await overHttp({ token: 'another-token' })();
    const error = await redisStore(client)
      .read('key')
      .catch((reason) => reason);
    expect(AuthError.is(error, 'misconfigured'), `Reading ended with ${error?.code ?? error}.`);
  },
});

// With what a failed step left open.
process.exit();
