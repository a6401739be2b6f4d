import type { Store } from '@auth/core';
import { ensure } from '../check.ts';
import { present, written } from './expectations.ts';
import type { StoreRule } from './fixture.ts';

const WRITERS = 50;
const COUNTERS = 8;
const INCREMENTS = 10;

/** What happens when several want the same. */
export const concurrencyRules: readonly StoreRule[] = [
  {
    name: 'lets one of many writers be the first',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      await oneWins([store, other], key(), null, 'wrote with ifVersion null');
    },
  },
  {
    name: 'lets one of many writers replace a version',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      const version = await written(store, key(), 'value');
      await oneWins([store, other], key(), version, 'wrote over the same version');
    },
  },
  {
    name: 'loses no update of writers that try again',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      const counted = await Promise.all(Array.from({ length: COUNTERS }, (_, index) => count(index % 2 === 0 ? store : other, key())));
      const entry = await store.read(key());
      ensure(
        entry?.value === String(counted.length * INCREMENTS),
        `${counted.length} writers that each added ${INCREMENTS} times came to ${entry?.value}. Judge the condition and write in one step.`,
      );
    },
  },
  {
    name: 'shows one handle what another one wrote, at once',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      const version = await written(store, key(), 'first');
      await present(other, key(), 'first', version, 'After another handle had written');
      const next = await written(other, key(), 'second', { ifVersion: version });
      await present(store, key(), 'second', next, 'After another handle had written');
      await written(other, key(), undefined, { ifVersion: next });
      ensure(
        (await store.read(key())) === undefined,
        'One handle still reads what another one has deleted. Do not keep entries in the handle.',
      );
    },
  },
];

const oneWins = async (stores: readonly Store[], key: string, ifVersion: string | null, what: string): Promise<void> => {
  const writes = Array.from({ length: WRITERS }, async (_, index) =>
    stores[index % stores.length]?.write(key, `writer ${index}`, { ifVersion }),
  );
  const versions = await Promise.all(writes);
  const winners = versions.flatMap((version, index) => (version === undefined ? [] : [{ version, index }]));
  ensure(
    winners.length === 1,
    `Of ${WRITERS} writers that ${what} at once, ${winners.length} were told that they had. Judge the condition and write in one step.`,
  );
  const [winner] = winners;
  if (winner && stores[0]) await present(stores[0], key, `writer ${winner.index}`, winner.version, 'After a race');
};

/** As leases and counters of the engine are written: read, change, write if nobody else has. */
const count = async (store: Store, key: string): Promise<void> => {
  let lost = 0;
  for (let left = INCREMENTS; left > 0; ) {
    const entry = await store.read(key);
    const next = String(Number(entry?.value ?? '0') + 1);
    if ((await store.write(key, next, { ifVersion: entry?.version ?? null })) !== undefined) left -= 1;
    else lost += 1;
    ensure(
      lost < COUNTERS * INCREMENTS,
      'A writer that read, and wrote over the version that it had read, lost more often than others wrote. Answer undefined only where somebody else was faster.',
    );
  }
};
