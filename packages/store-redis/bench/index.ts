// The figures of the README, with their bounds. Takes two minutes. Exits non-zero if one is exceeded.
import { redisStore } from '../src/index.ts';
import { connect } from '../test/clients.ts';
import { heard } from '../test/fleet.ts';
import type { Answer, Place } from '../test/protocol.ts';
import { failedOf, loseHolder, sleep, UPSTREAM } from './holder.ts';
import { type Bench, percentile, row, withBench } from './places.ts';

const ROUNDS = 10;
const USERS = 100_000;

await withBench(async (bench) => {
  const isGood: boolean[] = [];
  row(
    '8 processes × 100 callers',
    'calls of the vendor in 10 rounds',
    'p99 beyond its own time',
    'the same in new processes',
    'holder killed',
    'holder stopped',
  );
  row('---', '---', '---', '---', '---', '---');
  for (const [name, place] of bench.places) isGood.push(await together(bench, name, place));
  console.log('');
  row('10 s under 200 calls/s, tokens of 2 s', 'failed calls', 'served_without_store', 'tries of a refused secret');
  row('---', '---', '---', '---');
  isGood.push(
    await outage(
      bench,
      'Redis is down',
      () => bench.server.stop(),
      () => bench.server.start(),
    ),
  );
  isGood.push(
    await outage(
      bench,
      'Redis stands still',
      async () => bench.server.signal('SIGSTOP'),
      async () => bench.server.signal('SIGCONT'),
    ),
  );
  console.log('');
  await size(bench);
  return isGood.every(Boolean);
});

async function together({ openFleet }: Bench, name: string, place: Place): Promise<boolean> {
  const fleet = openFleet();
  const upstream = await fleet.upstream(async (_, index): Promise<Answer> => {
    await sleep(UPSTREAM);
    return { value: `t${index}`, lifetime: 7_200_000 };
  });
  const waits: number[][] = [];
  let failed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const workers = await fleet.open(8, { place, key: crypto.randomUUID(), url: upstream.url, secret: 'right' });
    const results = await Promise.all(workers.map(({ run }) => run({ do: 'token', callers: 100 })));
    waits.push(results.flatMap((result) => result.waits));
    failed += failedOf(results);
  }
  const calls = upstream.calls.length;
  const [first = [], ...later] = waits;
  const p99 = percentile(later.flat(), 99) - UPSTREAM;
  const killed = await loseHolder(fleet, place, 'SIGKILL');
  const stopped = await loseHolder(fleet, place, 'SIGSTOP');
  await fleet.close();
  const losses = [killed, stopped].map(({ calls, wait }) => `${calls} calls, ${(wait / 1000).toFixed(2)} s more`);
  row(name, calls, `${p99} ms`, `${percentile(first, 99) - UPSTREAM} ms`, ...losses);
  const areLossesGood = [killed, stopped].every(({ calls, failed, wait }) => calls <= 2 && failed === 0 && wait <= 3_300);
  return calls === ROUNDS && failed === 0 && p99 < 250 && areLossesGood;
}

async function outage({ openFleet, server }: Bench, name: string, begin: () => Promise<void>, end: () => Promise<void>): Promise<boolean> {
  const fleet = openFleet();
  const others = openFleet();
  const upstream = await fleet.upstream(async ({ secret }, index): Promise<Answer> => {
    await sleep(UPSTREAM / 4);
    return secret === 'right' ? { value: `t${index}`, lifetime: 2_000 } : { status: 401 };
  });
  const place: Place = { kind: 'node-redis', address: server };
  const workers = await fleet.open(8, { place, key: crypto.randomUUID(), url: upstream.url, secret: 'right' });
  const refused = await others.open(2, { place, key: crypto.randomUUID(), url: upstream.url, secret: 'wrong' });
  await Promise.all(refused.map(({ run }) => run({ do: 'token', callers: 1 })));

  const running = Promise.all(workers.map(({ run }) => run({ do: 'traffic', calls: 14 * 25, perSecond: 25 })));
  const refusing = Promise.all(refused.map(({ run }) => run({ do: 'traffic', calls: 14, perSecond: 1 })));
  await sleep(2_000);
  await begin();
  await sleep(10_000);
  await end();
  const results = await running;
  await refusing;

  const told = heard('served_without_store', workers);
  const tries = upstream.calls.filter(({ secret }) => secret === 'wrong').length;
  const failed = failedOf(results);
  const calls = results.reduce((sum, { waits }) => sum + waits.length, 0);
  await Promise.all([fleet.close(), others.close()]);
  row(name, `${failed} of ${calls}`, told, tries);
  return failed === 0 && told > 0 && tries === 1;
}

async function size({ server }: Bench): Promise<void> {
  const { client, close } = await connect('node-redis', server);
  const store = redisStore(client);
  await server.command('FLUSHALL');
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await server.command('INFO', 'memory'))?.[1]);
  const before = await used();
  // As the engine writes a token of 500 characters.
  const value = JSON.stringify([1, ['x'.repeat(500), Date.now(), Date.now() + 7_200_000], null]);
  const keyOf = (index: number): string => `${String(index).padStart(6, '0')}${'k'.repeat(37)}`;
  for (let index = 0; index < USERS; index += 500)
    await Promise.all(Array.from({ length: 500 }, (_, more) => store.write(keyOf(index + more), value, { ttl: 7_200_000 })));
  const each = Number(await server.command('MEMORY', 'USAGE', `aggregator-auth:${keyOf(7)}`));
  const all = (await used()) - before;
  row('entries of 100,000 users', 'MEMORY USAGE of one', 'used_memory in all');
  row('---', '---', '---');
  row('tokens of 500 characters', `${each} bytes`, `${Math.round(all / 1e6)} MB, ${Math.round(all / USERS)} bytes each`);
  close();
}
