import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CLIENTS } from '../test/clients.ts';
import { callAll, heard, openFleet, type Upstream, type Worker } from '../test/fleet.ts';
import type { Answer, EngineOptions } from '../test/protocol.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../test/servers.ts';

// Eight processes that start on a busy machine take their time.
vi.setConfig({ testTimeout: 60_000 });

const good = (index: number): Answer => ({ value: `t${index}`, lifetime: 7_200_000 });

describeWithRedis('eight processes that share tokens in Redis', () => {
  let server: RedisServer;
  const fleet = openFleet();
  const { until } = fleet;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await fleet.close();
    await server.close();
  });

  const options = (kind: (typeof CLIENTS)[number], { url }: Upstream, more: Partial<EngineOptions> = {}): EngineOptions => ({
    place: { kind, address: server },
    key: crypto.randomUUID(),
    url,
    secret: 'right',
    ...more,
  });
  const invalidateAll = (workers: readonly Worker[], value: string): Promise<unknown> =>
    Promise.all(workers.map(({ run }) => run({ do: 'invalidate', value })));

  describe.each(CLIENTS)('with %s', (name) => {
    it('ask the vendor once for eight hundred callers, in each of three rounds', async () => {
      const upstream = await fleet.upstream((_, index) => good(index));
      const workers = await fleet.open(8, options(name, upstream));
      for (let round = 0; round < 3; round += 1) {
        expect(await callAll(workers, 100)).toEqual({ [`t${round}`]: 800 });
        expect(upstream.calls).toHaveLength(round + 1);
        await invalidateAll(workers, `t${round}`);
      }
      expect(heard('served_without_store', workers)).toBe(0);
    });

    it('fail no caller while Redis is down, say so, and are together again afterwards', async () => {
      const upstream = await fleet.upstream((_, index) => good(index));
      const workers = await fleet.open(4, options(name, upstream));
      expect(await callAll(workers, 50)).toEqual({ t0: 200 });

      await server.stop();
      // Processes that have a token keep it.
      expect(await callAll(workers, 50)).toEqual({ t0: 200 });
      await invalidateAll(workers, 't0');
      expect(Object.values(await callAll(workers, 50))).toEqual([50, 50, 50, 50]);
      expect(upstream.calls).toHaveLength(5);
      expect(workers.map((worker) => heard('served_without_store', [worker]) > 0)).toEqual([true, true, true, true]);

      await server.start();
      const fresh = await fleet.open(8, options(name, upstream));
      expect(await callAll(fresh, 100)).toEqual({ t5: 800 });
      expect(upstream.calls).toHaveLength(6);
    });

    it('fail no caller while Redis stands still in the middle of a request', async () => {
      let answer = (): void => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const upstream = await fleet.upstream(async (_, index) => {
        if (index === 0) await answered;
        return good(index);
      });
      const workers = await fleet.open(4, options(name, upstream));
      const callers = callAll(workers, 50);
      await until(() => upstream.calls.length === 1 && heard('lease_waited', workers) === 3);
      server.signal('SIGSTOP');
      try {
        // The three that waited go their own way; the holder has its answer and nowhere to put it.
        await until(() => upstream.calls.length === 4);
        answer();
        expect(await callers).toEqual({ t0: 50, t1: 50, t2: 50, t3: 50 });
      } finally {
        server.signal('SIGCONT');
      }
    });

    it('try no refused secret again, neither with Redis nor without it', async () => {
      const upstream = await fleet.upstream(({ secret }, index) => (secret === 'right' ? good(index) : { status: 401 }));
      const workers = await fleet.open(8, options(name, upstream, { secret: 'wrong' }));
      expect(await callAll(workers, 10)).toEqual({ invalid_credentials: 80 });
      expect(upstream.calls).toHaveLength(1);

      await server.stop();
      expect(await callAll(workers, 10)).toEqual({ invalid_credentials: 80 });
      await server.start();
      expect(await callAll(workers, 10)).toEqual({ invalid_credentials: 80 });
      expect(upstream.calls).toHaveLength(1);
    });
  });
});
