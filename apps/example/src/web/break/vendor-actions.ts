import type { Action } from './action.ts';
import { callRounds, counted, loseToken, madeOf } from './counted.ts';

const OUTAGE = 20_000;
const RETRY_AFTER = 5;

/** What goes wrong at the vendor. */
export const vendorActions: readonly Action[] = [
  {
    id: 'end-token',
    label: 'End the token',
    does: 'The vendor ends every token at once, then 50 calls are made.',
    isPossible: () => true,
    run: async (scene) => {
      const numbers = await counted(scene, async () => {
        scene.sandbox.expireTokens();
        return callRounds(scene, 50);
      });
      return {
        ...numbers,
        did: 'The vendor ended every token, and 50 calls were made.',
        made: madeOf(numbers, { made: 'The first refusal led to one renewal for all of them; each call was repeated once.' }),
      };
    },
  },
  {
    id: 'outage',
    label: '503 for 20 s',
    does: 'The vendor answers everything with 503 for 20 seconds, while a token is due.',
    isPossible: () => true,
    run: async (scene) => {
      await loseToken(scene);
      scene.sandbox.faults.add({ lasts: OUTAGE, reply: { kind: 'status', status: 503 } });
      const numbers = await counted(scene, () => callRounds(scene, 50));
      return {
        ...numbers,
        did: 'The vendor answers 503 for 20 seconds from now on. A token was due, and 50 calls were made.',
        made: madeOf(numbers, {
          code: 'unavailable',
          made: 'One request found out for all 50. The vendor is left alone for a moment, then a call tries again: make calls in 20 seconds.',
        }),
      };
    },
  },
  {
    id: 'rate-limit',
    label: '429 with Retry-After',
    does: 'The vendor answers the request for a token with 429 and asks for 5 seconds, then 2 times 25 calls are made.',
    isPossible: () => true,
    run: async (scene) => {
      await loseToken(scene);
      scene.sandbox.faults.add({ reply: { kind: 'rateLimited', retryAfter: RETRY_AFTER } });
      const numbers = await counted(scene, () => callRounds(scene, 25, 25));
      return {
        ...numbers,
        did: `The vendor answers the next request for a token with 429 and Retry-After: ${RETRY_AFTER}. 25 calls were made, then 25 more.`,
        made: madeOf(numbers, {
          code: 'rate_limited',
          made: 'Nothing more was sent: callers get the same answer until the 5 seconds are over. Then a call gets a token.',
        }),
      };
    },
  },
];
