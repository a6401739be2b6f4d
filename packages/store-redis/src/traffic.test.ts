import { AuthError, type Store } from '@auth/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, connect, openConnections } from '../test/clients.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../test/servers.ts';
import { redisStore } from './index.ts';

/** One that writes, with what resolves once the server answers its client. */
interface Writer {
  readonly store: Store;
  readonly answered: () => Promise<void>;
}

/** Writers that count in one entry, as the engine's leases and records are written. */
const startTraffic = (writers: readonly Writer[], key: string) => {
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
    /** Resolves once 20 more writes have succeeded. */
    progress: (goal = counted + 20) => when(() => counted >= goal),
    /** Resolves once an operation is refused: ask before what is to have it refused. */
    refusal: (before = errors.length) => when(() => errors.length > before),
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
    const writer = async (): Promise<Writer> => {
      const connection = await connect(name, server);
      return { store: redisStore(await connections.add(connection)), answered: connection.answered };
    };

    it.each([
      ['the server is killed and started again', () => server.stop(), () => server.start(), /./],
      ['the server stands still', async () => server.signal('SIGSTOP'), async () => server.signal('SIGCONT'), /500 ms/],
    ])('loses nothing when %s, says so meanwhile, and goes on by itself', async (_, interrupt, resume, said) => {
      const writers = await Promise.all([1, 2, 3, 4].map(writer));
      const key = crypto.randomUUID();
      const traffic = startTraffic(writers, key);
      await traffic.progress();
      const refused = traffic.refusal();
      await interrupt();
      await refused.finally(resume);
      await traffic.progress();
      const { counted, unclear, errors } = await traffic.end();
      const value = Number((await writers[0]?.store.read(key))?.value);
      // No acknowledged write is lost, and no write that lost its race was carried out.
      expect(value).toBeGreaterThanOrEqual(counted);
      expect(value).toBeLessThanOrEqual(counted + unclear);
      expect(errors.filter((error) => !AuthError.is(error, 'store_unavailable'))).toEqual([]);
      expect(errors.some((error) => AuthError.is(error) && said.test(error.message))).toBe(true);
    });
  });
});
