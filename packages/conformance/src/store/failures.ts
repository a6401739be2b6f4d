import type { Store } from '@auth/core';
import { ensure } from '../check.ts';
import { absent, present, refused, unlike, written } from './expectations.ts';
import type { StoreFixture, StoreRule } from './fixture.ts';

/** What holds when something breaks. What lives in this process ends with it, and is always reached. */
export const failureRules = ({ restart, unreachable }: StoreFixture): readonly StoreRule[] => [
  ...(restart === 'lives in one process' ? [] : [restartRule(restart)]),
  ...(unreachable === 'lives in one process' ? [] : [unreachableRule(unreachable)]),
];

const restartRule = (restart: () => void | Promise<void>): StoreRule => ({
  name: 'has after a restart what it had before, and uses no version again',
  run: async ({ key, fixture }) => {
    // What counts since it was started would else be further now than it comes after the restart.
    await restart();
    const before = await fixture.create();
    const versions = await rewrite(before, key('rewritten'));
    const kept = await written(before, key('kept'), 'value');
    const lease = await written(before, key('lease'), 'holder', { ttl: 60_000 });
    await written(before, key('deleted'), 'value');
    await written(before, key('deleted'), undefined);
    await restart();
    const after = await fixture.create();
    unlike([...versions, ...(await rewrite(after, key('rewritten')))], 'after a restart');
    await present(after, key('kept'), 'value', kept, 'After a restart');
    await present(after, key('lease'), 'holder', lease, 'After a restart');
    await absent(after, key('deleted'), 'After a restart');
    await refused(after, key('kept'), 'other', { ifVersion: lease }, 'the entry had another version');
    await written(after, key('kept'), 'other', { ifVersion: kept });
  },
});

/** Writes and deletes, and answers the versions. */
const rewrite = async (store: Store, key: string): Promise<readonly string[]> => {
  const versions: string[] = [];
  for (let round = 0; round < 10; round += 1) versions.push(await written(store, key, 'same value'), await written(store, key, undefined));
  return versions;
};

const unreachableRule = (unreachable: () => Store | Promise<Store>): StoreRule => ({
  name: 'tells that it cannot be reached from having lost a race',
  run: async ({ key }) => {
    const store = await unreachable();
    const attempts = {
      read: () => store.read(key()),
      'write without a condition': () => store.write(key(), 'value'),
      'write with ifVersion null': () => store.write(key(), 'value', { ifVersion: null }),
      'write over a version': () => store.write(key(), 'value', { ifVersion: 'version' }),
      'a deletion': () => store.write(key(), undefined),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const resolved = await attempt().then(
        () => true,
        () => false,
      );
      ensure(!resolved, `Unreachable, ${name} resolved. Reject: undefined means that somebody else was faster, or that nothing is there.`);
    }
  },
});
