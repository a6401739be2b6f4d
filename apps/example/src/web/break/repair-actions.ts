import { secretVariableOf } from '../../providers.ts';
import type { Action } from './actions.ts';
import { callRounds, counted } from './counted.ts';

/** What puts things right again. */
export const repairActions: readonly Action[] = [
  {
    id: 'calls',
    label: 'Make 10 calls',
    does: 'Nothing goes wrong: 10 calls are made, to see how things are.',
    isPossible: () => true,
    run: async (scene) => ({
      ...(await counted(scene, () => callRounds(scene, 10))),
      did: '10 calls were made.',
      made: 'A good token comes from memory; a missing one is asked for once.',
    }),
  },
  {
    id: 'mend',
    label: 'Mend everything',
    does: 'Outages and limits end, the right secret is back, the guard is lifted, and 10 calls are made.',
    isPossible: () => true,
    run: async (scene) => {
      const { sandbox, provider, userId, product } = scene;
      sandbox.faults.clear();
      product.settings.restore(secretVariableOf(provider.id));
      await provider.asUser(userId).reset();
      return {
        ...(await counted(scene, () => callRounds(scene, 10))),
        did: 'Every fault was taken away, the right secret is back, and reset() was called. 10 calls were made.',
        made: 'After reset() the credentials are tried again.',
      };
    },
  },
];
