import { secretVariableOf } from '../../providers.ts';
import type { Action } from './action.ts';
import { callRounds, counted, madeOf } from './counted.ts';
import { recoverSecret } from './recover.ts';

/** What puts things right again. */
export const repairActions: readonly Action[] = [
  {
    id: 'calls',
    label: 'Make 10 calls',
    does: 'Nothing goes wrong: 10 calls are made, to see how things are.',
    isPossible: () => true,
    run: async (scene) => {
      const numbers = await counted(scene, () => callRounds(scene, 10));
      const made = numbers.tokenRequests === 0 ? 'The token came from memory.' : 'No token was there, so one was asked for.';
      return { ...numbers, did: '10 calls were made.', made: madeOf(numbers, { made }) };
    },
  },
  {
    id: 'mend',
    label: 'Mend everything',
    does: 'Outages and limits end, the right secret is back, an interrupted rotation is ended, the guard is lifted, and 10 calls are made.',
    isPossible: () => true,
    run: async (scene) => {
      const { sandbox, provider, userId, product } = scene;
      sandbox.faults.clear();
      product.settings.restore(secretVariableOf(provider.id));
      // The user's, because a vendor's wait is one of the user and not of the credentials.
      await provider.asUser(userId).reset();
      const wasInterrupted = await recoverSecret(scene);
      const numbers = await counted(scene, () => callRounds(scene, 10));
      const recovered = wasInterrupted ? ' A rotation had been interrupted: secret.recover found out which secret works.' : '';
      return {
        ...numbers,
        did: `Every fault was taken away, the right secret is back, and reset() was called.${recovered} 10 calls were made.`,
        made: madeOf(numbers, { made: 'After reset() the credentials are tried again, and they are good.' }),
      };
    },
  },
];
