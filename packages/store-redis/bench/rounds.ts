// Fifty times on each store: the process that asks the vendor for all is killed or stopped. Takes ten minutes. Arguments: the number of
// rounds, and a part of the store's name.
import { type Loss, loseHolder } from './holder.ts';
import { percentile, row, withBench } from './places.ts';

const [, , count = '50', part = ''] = process.argv;
const rounds = Number(count);

await withBench(async ({ places, openFleet }) => {
  let isGood = true;
  row(`${rounds} rounds`, 'most calls in one', 'p50 of the wait', 'longest', 'failed callers');
  row('---', '---', '---', '---', '---');
  for (const [name, place] of places.filter(([name]) => name.includes(part))) {
    const fleet = openFleet();
    const losses: Loss[] = [];
    while (losses.length < rounds) losses.push(await loseHolder(fleet, place, losses.length % 2 === 0 ? 'SIGKILL' : 'SIGSTOP'));
    await fleet.close();
    const waits = losses.map(({ wait }) => wait);
    const calls = Math.max(...losses.map((loss) => loss.calls));
    const failed = losses.reduce((sum, loss) => sum + loss.failed, 0);
    row(name, calls, `${percentile(waits, 50)} ms`, `${Math.max(...waits)} ms`, failed);
    isGood &&= calls <= 2 && Math.max(...waits) <= 3_300 && failed === 0;
  }
  return isGood;
});
