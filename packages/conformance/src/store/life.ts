import { ensure } from '../check.ts';
import { absent, present, refused, written } from './expectations.ts';
import type { StoreRule } from './fixture.ts';

/** How long entries live. Times are far enough apart for a server that counts in whole milliseconds. */
export const lifeRules: readonly StoreRule[] = [
  {
    name: 'ends an entry after its ttl, and not before',
    run: async ({ store, key, fixture }) => {
      const version = await written(store, key(), 'value', { ttl: 150 });
      await fixture.elapse(50);
      await present(store, key(), 'value', version, 'Before its ttl had passed');
      await fixture.elapse(110);
      await absent(store, key(), 'After its ttl had passed');
    },
  },
  {
    name: 'keeps an entry without ttl',
    run: async ({ store, key, fixture }) => {
      const version = await written(store, key(), 'value');
      await fixture.elapse(160);
      await present(store, key(), 'value', version, 'Without a ttl, after some time');
    },
  },
  {
    name: 'takes an expired entry for absent in both conditions',
    run: async ({ store, key, fixture }) => {
      const version = await written(store, key(), 'value', { ttl: 50 });
      await fixture.elapse(60);
      await refused(store, key(), 'next', { ifVersion: version }, 'the entry had expired');
      await refused(store, key(), undefined, { ifVersion: version }, 'the entry had expired');
      await written(store, key(), 'next', { ifVersion: null });
    },
  },
  {
    name: 'never uses a version twice, not after expiry either',
    run: async ({ store, key, fixture }) => {
      const versions: string[] = [];
      for (let round = 0; round < 5; round += 1) {
        versions.push(await written(store, key(), 'same value', { ttl: 20 }));
        await fixture.elapse(30);
      }
      ensure(new Set(versions).size === versions.length, 'A version came back after its entry had expired. Make versions random.');
    },
  },
  {
    name: 'sets the ttl anew with every write',
    run: async ({ store, key, fixture }) => {
      await written(store, key(), 'first', { ttl: 100 });
      await fixture.elapse(60);
      const second = await written(store, key(), 'second', { ttl: 150 });
      await fixture.elapse(60);
      await present(store, key(), 'second', second, 'After a write had set a longer ttl');
      const third = await written(store, key(), 'third');
      await fixture.elapse(160);
      await present(store, key(), 'third', third, 'After a write without ttl');
      await written(store, key(), 'fourth', { ttl: 50 });
      await fixture.elapse(60);
      await absent(store, key(), 'After a write had given a lasting entry a ttl that has passed');
    },
  },
  {
    name: 'leaves the ttl alone when a condition fails',
    run: async ({ store, key, fixture }) => {
      await written(store, key(), 'value', { ttl: 100 });
      await refused(store, key(), 'other', { ifVersion: null, ttl: 10_000 }, 'there was an entry');
      await refused(store, key(), 'other', { ifVersion: null }, 'there was an entry');
      await fixture.elapse(110);
      await absent(store, key(), 'After its ttl had passed, although a write had failed meanwhile');
    },
  },
  {
    name: 'hands a lease over when its holder is late, and never back',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      const held = await written(store, key(), 'holder', { ifVersion: null, ttl: 150 });
      await refused(other, key(), 'successor', { ifVersion: null, ttl: 150 }, 'the lease was held');
      const renewed = await written(store, key(), 'holder', { ifVersion: held, ttl: 60 });
      await fixture.elapse(70);
      const taken = await written(other, key(), 'successor', { ifVersion: null, ttl: 10_000 });
      await refused(store, key(), 'holder', { ifVersion: renewed, ttl: 10_000 }, 'somebody else had taken the lease');
      await refused(store, key(), undefined, { ifVersion: renewed }, 'somebody else had taken the lease');
      await present(store, key(), 'successor', taken, 'After a late holder had tried to renew and to give back its lease');
    },
  },
];
