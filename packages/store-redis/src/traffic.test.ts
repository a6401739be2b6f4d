import { AuthError, type Store } from '@auth/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, connect, openConnections } from '../test/clients.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../test/servers.ts';
import { redisStore } from './index.ts';

/** Writers that count in one entry, as the engine's leases and records are written. */
interface Traffic {
  /** Resolves once this many more writes have succeeded. */
  readonly progress: (writes: number) => Promise<void>;
  /** Resolves once an operation is refused: ask before what is to have it refused. */
  readonly refusal: () => Promise<void>;
  /** Ends it. */
  readonly end: () => Promise<{ readonly counted: number; readonly unclear: number; readonly errors: readonly unknown[] }>;
}

/** One that writes. */
interface Writer {
  readonly store: Store;
  /** Resolves once the server answers its client. */
  readonly answered: () => Promise<void>;
}

const startTraffic = (writers: readonly Writer[], key: string): Traffic => {
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
  const count = async ({ store, answered }: Writer): Promise<void> => {
    let isWriting = false;
    try {
      const entry = await store.read(key);
      isWriting = true;
      const written = await store.write(key, String(Number(entry?.value ?? '0') + 1), { ifVersion: entry?.version ?? null });
      if (written !== undefined) counted += 1;
    } catch (error) {
      errors.push(error);
      // Nobody knows whether it came through.
      if (isWriting) unclear += 1;
      look();
      await answered();
    }
    look();
  };
  const writing = writers.map(async (writer) => {
    while (!isOver) await count(writer);
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
      await Promise.all(writing);
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
      const writers = await Promise.all(
        [1, 2, 3, 4].map(async () => {
          const connection = await connect(name, server);
          return { store: redisStore(await connections.add(connection)), answered: connection.answered };
        }),
      );
      const key = crypto.randomUUID();
      const traffic = startTraffic(writers, key);
      await traffic.progress(20);
      await interrupt(traffic);
      await traffic.progress(20);
      const { counted, unclear, errors } = await traffic.end();
      const value = Number((await writers[0]?.store.read(key))?.value);
      // No acknowledged write is lost, and no write that lost its race was carried out.
      expect(value).toBeGreaterThanOrEqual(counted);
      expect(value).toBeLessThanOrEqual(counted + unclear);
      expect(errors.filter((error) => !AuthError.is(error, 'store_unavailable'))).toEqual([]);
      return { errors };
    };

    it('loses nothing when the server is killed and started again', async () => {
      const { errors } = await interrupted(async (traffic) => {
        const refused = traffic.refusal();
        await server.stop();
        await refused;
        await server.start();
      });
      expect(errors.length).toBeGreaterThan(0);
    });

    it('says so while the server stands still, and goes on by itself', async () => {
      const { errors } = await interrupted(async (traffic) => {
        const refused = traffic.refusal();
        server.signal('SIGSTOP');
        try {
          await refused;
        } finally {
          server.signal('SIGCONT');
        }
      });
      expect(errors.some((error) => AuthError.is(error) && error.message.includes('500 ms'))).toBe(true);
    });

    it('says so while clients are paused, and goes on by itself', async () => {
      const { errors } = await interrupted(async (traffic) => {
        const refused = traffic.refusal();
        // The pause ends by itself: a client that wanted to end it would be paused too.
        await server.command('CLIENT', 'PAUSE', '1200', 'ALL');
        await refused;
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
