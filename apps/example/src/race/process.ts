// One process of the product: deployed and set to work by `race.ts`.
import type { Client } from './client.ts';
import { handWritten } from './hand-written.ts';
import { ours } from './ours.ts';
import type { Answer, Order } from './processes.ts';

/** A small server's concurrency, and the same for both sides. */
const AT_ONCE = 10;

const [side] = process.argv.slice(2);
const deploy = side === 'ours' ? ours : handWritten;
let client: Client | undefined;

/** How many of so many calls failed. */
const work = async ({ call }: Client, calls: number): Promise<number> => {
  let left = calls;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      // As a product would: a rejection is a failed call.
      if (!(await call().catch(() => false))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return failed;
};

const obey = async (order: Order): Promise<Answer> => {
  if ('deployment' in order) {
    await client?.close();
    client = deploy(order.deployment);
    return { failed: 0 };
  }
  return { failed: client ? await work(client, order.calls) : order.calls };
};

process.on('message', async (order: Order) => {
  process.send?.(await obey(order));
});
process.once('disconnect', async () => {
  await client?.close();
});
