import type { Store } from '@auth/core';
import { ContractViolation } from '../check.ts';
import { absent, present, refused, unlike, written } from './expectations.ts';
import type { StoreFixture, StoreRule } from './fixture.ts';

/** Writes 'value' with this ttl; `before` is that of the entry that is there, if it is a kind that finds one. Answers the version. */
type Write = (store: Store, key: string, ttl?: number, before?: number) => Promise<string>;

const first: Write = (store, key, ttl) => written(store, key, 'value', { ttl });
const onlyFirst: Write = (store, key, ttl) => written(store, key, 'value', { ifVersion: null, ttl });
const over: Write = async (store, key, ttl, before) => {
  await written(store, key, 'before', { ttl: before });
  return written(store, key, 'value', { ttl });
};
const overVersion: Write = async (store, key, ttl, before) => {
  const version = await written(store, key, 'before', { ttl: before });
  return written(store, key, 'value', { ifVersion: version, ttl });
};

/** The kinds of a write, by their conditions: stores tend to have a statement for each. */
const KINDS: readonly (readonly [string, Write])[] = [
  ['a write without a condition', first],
  ['a write with ifVersion null', onlyFirst],
  ['a write over a version', overVersion],
];

/** Those that find an entry. */
const OVERWRITES: readonly (readonly [string, Write])[] = [
  ['a write without a condition', over],
  ['a write over a version', overVersion],
];

/** Milliseconds that do not fit into 32 bits, with a sign and without one, and ten years. */
const YEARS: readonly number[] = [2 ** 31, 2 ** 32 + 20, 315_360_000_000];

/** Milliseconds for which an entry lives that is looked at meanwhile. Long, because a server's clock goes on while a busy machine is at something else. */
const LIFE = 600;

const outlive = async (fixture: StoreFixture): Promise<void> => {
  for (let step = 0; step < 4; step += 1) await fixture.elapse(160);
};

/** How long entries live. Times are far enough apart for a server that counts in whole milliseconds. */
export const lifeRules: readonly StoreRule[] = [
  {
    name: 'ends an entry after its ttl, and not before',
    run: async ({ store, key, fixture }) => {
      const versions = new Map<string, string>();
      for (const [kind, write] of KINDS) versions.set(kind, await write(store, key(kind), LIFE));
      await fixture.elapse(50);
      for (const [kind, version] of versions) await present(store, key(kind), 'value', version, `Before the ttl of ${kind} had passed`);
      await outlive(fixture);
      for (const kind of versions.keys()) await absent(store, key(kind), `After the ttl of ${kind} had passed`);
    },
  },
  {
    name: 'keeps an entry without ttl',
    run: async ({ store, key, fixture }) => {
      const versions = new Map<string, string>();
      for (const [kind, write] of KINDS) versions.set(kind, await write(store, key(kind)));
      await fixture.elapse(160);
      for (const [kind, version] of versions) await present(store, key(kind), 'value', version, `Some time after ${kind}, and without ttl`);
    },
  },
  {
    name: 'keeps an entry with a ttl of years',
    run: async ({ store, key, fixture }) => {
      const versions = new Map<string, string>();
      for (const ttl of YEARS) {
        for (const [kind, write] of KINDS) {
          const name = `${kind}, ttl: ${ttl}`;
          versions.set(name, await taken(write(store, key(name), ttl), name, 'Tokens live for years at some vendors.'));
        }
      }
      await fixture.elapse(50);
      for (const [name, version] of versions) await present(store, key(name), 'value', version, `Some milliseconds after ${name}`);
    },
  },
  {
    name: 'takes a ttl that is no whole number',
    run: async ({ store, key, fixture }) => {
      const hint = 'The rest of a life often has a fraction: round it.';
      for (const [kind, write] of KINDS) {
        const version = await taken(write(store, key(kind), 60_492.22), `${kind}, ttl: 60492.22`, hint);
        await present(store, key(kind), 'value', version, `After ${kind}, ttl: 60492.22`);
      }
      await taken(first(store, key('short'), 1.5), 'a write, ttl: 1.5', hint);
      await fixture.elapse(10);
      await absent(store, key('short'), 'After a ttl of 1.5 had passed');
    },
  },
  {
    name: 'takes an expired entry for absent in both conditions',
    run: async ({ store, key, fixture }) => {
      const version = await written(store, key(), 'value', { ttl: 50 });
      await written(store, key('deleted'), 'value', { ttl: 50 });
      await fixture.elapse(60);
      await refused(store, key(), 'next', { ifVersion: version }, 'the entry had expired');
      await refused(store, key(), undefined, { ifVersion: version }, 'the entry had expired');
      const next = await written(store, key(), 'next', { ifVersion: null });
      await present(store, key(), 'next', next, 'After a write in the place of an expired entry');
      await written(store, key('deleted'), undefined, { ifVersion: null });
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
      unlike(versions, 'after its entry had expired');
    },
  },
  {
    name: 'sets the ttl anew with every write',
    run: async ({ store, key, fixture }) => {
      const versions: string[] = [];
      for (const [kind, write] of OVERWRITES) {
        versions.push(
          await write(store, key(`${kind}: longer`), 60_000, LIFE),
          await write(store, key(`${kind}: for ever`), undefined, LIFE),
        );
        await write(store, key(`${kind}: shorter`), 50, 60_000);
        await write(store, key(`${kind}: no longer for ever`), 50, undefined);
      }
      await outlive(fixture);
      for (const [kind] of OVERWRITES) {
        await present(store, key(`${kind}: longer`), 'value', versions.shift(), `After ${kind} had set a longer ttl`);
        await present(store, key(`${kind}: for ever`), 'value', versions.shift(), `After ${kind} without ttl, over an entry with one`);
        await absent(store, key(`${kind}: shorter`), `After ${kind} had set a shorter ttl, which has passed`);
        await absent(store, key(`${kind}: no longer for ever`), `After ${kind} had given a lasting entry a ttl, which has passed`);
      }
    },
  },
  {
    name: 'leaves the ttl alone when a condition fails',
    run: async ({ store, key, fixture }) => {
      const spared = async (name: string, own: number | undefined, other: number): Promise<string> => {
        const former = await written(store, key(name), 'former', { ttl: own });
        const version = await written(store, key(name), 'value', { ttl: own });
        for (const ifVersion of [null, former]) {
          for (const ttl of [other, undefined]) await refused(store, key(name), 'other', { ifVersion, ttl }, 'there was another entry');
          await refused(store, key(name), undefined, { ifVersion }, 'there was another entry');
        }
        return version;
      };
      const lasting = await spared('lasting', undefined, 50);
      const ending = await spared('ending', LIFE, 10_000);
      await present(store, key('ending'), 'value', ending, 'After writes whose conditions had failed');
      await outlive(fixture);
      await present(store, key('lasting'), 'value', lasting, 'After a write with a ttl had failed at a lasting entry');
      await absent(store, key('ending'), 'After its ttl had passed, although writes had failed meanwhile');
    },
  },
  {
    name: 'hands a lease over when its holder is late, and never back',
    run: async ({ store, key, fixture }) => {
      const other = await fixture.create();
      const held = await written(store, key(), 'holder', { ifVersion: null, ttl: LIFE });
      await refused(other, key(), 'successor', { ifVersion: null, ttl: LIFE }, 'the lease was held');
      const renewed = await written(store, key(), 'holder', { ifVersion: held, ttl: 60 });
      await fixture.elapse(70);
      const taken = await written(other, key(), 'successor', { ifVersion: null, ttl: 10_000 });
      await refused(store, key(), 'holder', { ifVersion: renewed, ttl: 10_000 }, 'somebody else had taken the lease');
      await refused(store, key(), undefined, { ifVersion: renewed }, 'somebody else had taken the lease');
      await present(store, key(), 'successor', taken, 'After a late holder had tried to renew and to give back its lease');
    },
  },
];

/** A write with an unusual ttl, which a store may not reject either. */
const taken = (writing: Promise<string>, what: string, hint: string): Promise<string> =>
  writing.catch((error: unknown) => {
    if (error instanceof ContractViolation) throw error;
    throw new ContractViolation(`${what} was rejected. ${hint}`);
  });
