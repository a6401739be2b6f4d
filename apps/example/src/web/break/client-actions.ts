import type { Action } from './action.ts';
import { callRounds, counted, loseToken, madeOf } from './counted.ts';
import { startLeaseHolder } from './lease-holder.ts';

const CUT_OFF = 20_000;

/** What goes wrong on the product's side. */
export const clientActions: readonly Action[] = [
  {
    id: 'kill-holder',
    label: 'Kill the lease holder',
    does: 'Another process begins to get a token for all, and is killed (SIGKILL) in the middle of it while 50 calls wait.',
    isPossible: () => true,
    run: async (scene) => {
      await loseToken(scene);
      const holder = await startLeaseHolder(scene);
      try {
        const numbers = await counted(scene, async () => {
          const isWaiting = waited(scene);
          const waiting = callRounds(scene, 50);
          await Promise.race([isWaiting, waiting]);
          await holder.kill();
          return waiting;
        });
        return {
          ...numbers,
          did: `Process ${holder.pid} held the lease and was killed while 50 calls were made in this process.`,
          made: madeOf(numbers, {
            made: `They waited for it. After ${(numbers.milliseconds / 1000).toFixed(1)} s without a heartbeat this process took the lease and asked the vendor itself.`,
          }),
        };
      } finally {
        await holder.kill();
      }
    },
  },
  {
    id: 'cut-redis',
    label: 'Stop Redis for 20 s',
    does: 'This process loses its connection to Redis for 20 seconds while a token is due, then 50 calls are made. The server itself goes on.',
    isPossible: ({ product }) => product.store.cutOff !== undefined,
    run: async (scene) => {
      await loseToken(scene);
      scene.product.store.cutOff?.(CUT_OFF);
      const numbers = await counted(scene, () => callRounds(scene, 50));
      return {
        ...numbers,
        did: 'The connection to Redis is cut for 20 seconds. 50 calls were made.',
        made: madeOf(numbers, { made: 'Each process goes on by itself: this one asked for a token without the store.' }),
      };
    },
  },
];

/** Until this process waits for the other one's lease. */
const waited = ({ product }: Parameters<Action['run']>[0]): Promise<void> =>
  new Promise((resolve) => {
    const stop = product.events.subscribe(({ type }) => {
      if (type !== 'lease_waited') return;
      stop();
      resolve();
    });
  });
