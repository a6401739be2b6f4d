import { AuthError, type Store } from '@auth/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, connect, openConnections } from '../test/clients.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../test/servers.ts';
import { redisStore } from './index.ts';

/** Writers that count in one entry, as the engine's leases and records are written. */
interface Traffic {
  /** Resolves once this many more writes have succeeded. */
  readonly progress: (writes: number) => Promise<void>;
  /** Resolves once an operation was refused. */
  readonly refusal: () => Promise<void>;
  /** Ends it. */
  readonly end: () => Promise<{ readonly counted: number; readonly unclear: number; readonly errors: readonly unknown[] }>;
}

const startTraffic = (stores: readonly Store[], key: string): Traffic => {
  let isOver = false;
  let counted = 0;
  let unclear = 0;
  const errors: unknown[] = [];
  let watchers: readonly { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const look = (): void => {
    for (const { holds, resolve } of watchers) if (holds()) resolve();
    watchers = watchers.filter(({ holds }) => !holds());
  };
  const when = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      watchers = [...watchers, { holds, resolve }];
    });
  const count = async (store: Store): Promise<void> => {
    let isWriting = false;
    try {
      const entry = await store.read(key);
      isWriting = true;
      const written = await store.write(key, String(Number(entry?.value ?? '0') + 1), { ifVersion: entry?.version ?? null });
      if (written !== undefined) counted += 1;
    } catch (error) {
      errors.push(error);
      // Nobody knows whether it came through. Then wait a moment, for the case that it was refused at once.
      if (isWriting) unclear += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    look();
  };
  const writers = stores.map(async (store) => {
    while (!isOver) await count(store);
  });
  return {
    progress: (writes) => {
      const goal = counted + writes;
      return when(() => counted >= goal);
    },
    refusal: () => {
      const before = errors.length;
      return when(() => errors.length > before);
    },
    end: async () => {
      isOver = true;
      await Promise.all(writers);
      return { counted, unclear, errors };
    },
  };
};

describeWithRedis('redisStore in the middle of traffic', () => {
  let server: RedisServer;
  const connections = openConnections();
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(connections.close);
  afterAll(() => server.close());

  describe.each(CLIENTS)('with %s', (name) => {
    const interrupted = async (interrupt: (traffic: Traffic) => Promise<void>): Promise<{ readonly errors: readonly unknown[] }> => {
      const stores = await Promise.all([1, 2, 3, 4].map(async () => redisStore(await connections.add(connect(name, server)))));
      const key = crypto.randomUUID();
      const traffic = startTraffic(stores, key);
      await traffic.progress(20);
      await interrupt(traffic);
      await traffic.progress(20);
      const { counted, unclear, errors } = await traffic.end();
      const value = Number((await stores[0]?.read(key))?.value);
      // No acknowledged write is lost, and no write that lost its race was carried out.
      expect(value).toBeGreaterThanOrEqual(counted);
      expect(value).toBeLessThanOrEqual(counted + unclear);
      expect(errors.filter((error) => !AuthError.is(error, 'store_unavailable'))).toEqual([]);
      return { errors };
    };

    it('loses nothing when the server is killed and started again', async () => {
      const { errors } = await interrupted(async (traffic) => {
        await server.stop();
        await traffic.refusal();
        await server.start();
      });
      expect(errors.length).toBeGreaterThan(0);
    });

    it('says so while the server stands still, and goes on by itself', async () => {
      const { errors } = await interrupted(async (traffic) => {
        server.signal('SIGSTOP');
        try {
          await traffic.refusal();
        } finally {
          server.signal('SIGCONT');
        }
      });
      expect(errors.some((error) => AuthError.is(error) && error.message.includes('500 ms'))).toBe(true);
    });

    it('says so while clients are paused, and goes on by itself', async () => {
      const { errors } = await interrupted(async (traffic) => {
        // The pause ends by itself: a client that wanted to end it would be paused too.
        await server.command('CLIENT', 'PAUSE', '1200', 'ALL');
        await traffic.refusal();
      });
      expect(errors.length).toBeGreaterThan(0);
    });

    it('does not notice that scripts were forgotten', async () => {
      const { errors } = await interrupted(async (traffic) => {
        for (let round = 0; round < 5; round += 1) {
          await server.command('SCRIPT', 'FLUSH');
          await traffic.progress(5);
        }
      });
      expect(errors).toEqual([]);
    });
  });
});
