import { ensure } from '../check.ts';
import { absent, present, refused, unlike, written } from './expectations.ts';
import type { StoreRule } from './fixture.ts';

/** What reads, writes and versions mean. */
export const versionRules: readonly StoreRule[] = [
  {
    name: 'answers nothing for a key that was never written',
    run: async ({ store, key }) => absent(store, key(), 'Before anything was written'),
  },
  {
    name: 'answers what was written, with the version that write answered',
    run: async ({ store, key }) => {
      const version = await written(store, key('a'), 'value');
      await present(store, key('a'), 'value', version, 'After a write');
      await absent(store, key('b'), 'After another key was written');
    },
  },
  {
    name: 'replaces an entry when no condition is given',
    run: async ({ store, key }) => {
      const first = await written(store, key(), 'first');
      const second = await written(store, key(), 'second', { ifVersion: undefined });
      ensure(first !== second, 'Two writes of one key had the same version. Make a new one for each.');
      await present(store, key(), 'second', second, 'After two writes');
    },
  },
  {
    name: 'writes over the version that is there',
    run: async ({ store, key }) => {
      const first = await written(store, key(), 'first');
      const second = await written(store, key(), 'second', { ifVersion: first });
      await present(store, key(), 'second', second, 'After a conditional write');
    },
  },
  {
    name: 'changes nothing when another version is there',
    run: async ({ store, key }) => {
      const first = await written(store, key(), 'first');
      const second = await written(store, key(), 'second');
      await refused(store, key(), 'third', { ifVersion: first }, 'the entry had another version by then');
      await refused(store, key(), undefined, { ifVersion: first }, 'the entry had another version by then');
      await present(store, key(), 'second', second, 'After a failed condition');
    },
  },
  {
    name: 'writes over a version only where an entry is',
    run: async ({ store, key }) => {
      const version = await written(store, key('other'), 'value');
      await refused(store, key(), 'value', { ifVersion: version }, 'there was no entry');
      await refused(store, key(), undefined, { ifVersion: version }, 'there was no entry');
      await absent(store, key(), 'After a failed condition');
    },
  },
  {
    name: 'writes with ifVersion null only where nothing is',
    run: async ({ store, key }) => {
      const first = await written(store, key(), 'first', { ifVersion: null });
      await refused(store, key(), 'second', { ifVersion: null }, 'there was an entry');
      await refused(store, key(), undefined, { ifVersion: null }, 'there was an entry');
      await present(store, key(), 'first', first, 'After a failed condition');
    },
  },
  {
    name: 'deletes, and answers a version for it',
    run: async ({ store, key }) => {
      const first = await written(store, key(), 'value');
      const deletion = await written(store, key(), undefined);
      ensure(deletion !== first, 'A deletion answered the version of the entry that it deleted. Make a new one.');
      await absent(store, key(), 'After a deletion');
      await written(store, key(), undefined);
    },
  },
  {
    name: 'deletes nothing with ifVersion null, and answers a version for it',
    run: async ({ store, key }) => {
      const never = await written(store, key(), undefined, { ifVersion: null });
      await absent(store, key(), 'After a deletion of nothing');
      const first = await written(store, key(), 'value', { ifVersion: null });
      const deletion = await written(store, key(), undefined, { ifVersion: first });
      const again = await written(store, key(), undefined, { ifVersion: null });
      unlike([never, first, deletion, again], 'for a deletion of nothing');
      await absent(store, key(), 'After a deletion of nothing');
    },
  },
  {
    name: 'deletes under a condition',
    run: async ({ store, key }) => {
      const version = await written(store, key(), 'value');
      await written(store, key(), undefined, { ifVersion: version });
      await absent(store, key(), 'After a conditional deletion');
      await refused(store, key(), 'next', { ifVersion: version }, 'the entry had been deleted');
      await written(store, key(), 'next', { ifVersion: null });
    },
  },
  {
    name: 'never uses a version twice, not after deletions either',
    run: async ({ store, key }) => {
      const versions: string[] = [];
      for (let round = 0; round < 100; round += 1) {
        versions.push(await written(store, key(), 'same value'), await written(store, key(), undefined));
      }
      unlike(versions, 'after a deletion');
    },
  },
  {
    name: 'never uses a version twice, whichever handle writes',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      const versions: string[] = [];
      for (let round = 0; round < 20; round += 1) {
        for (const handle of [store, other])
          versions.push(await written(handle, key(), 'same value'), await written(handle, key(), undefined));
      }
      unlike(versions, 'from another handle');
    },
  },
];
