// Four processes of a product share one store and one vendor, and everything goes wrong that can: processes are killed and stopped, the vendor fails,
// tokens are revoked, the store is away, a secret is wrong. Fails if the engine breaks a promise: chaos/invariants.ts has them.
import { setTimeout } from 'node:timers/promises';
import { defineCommand, runMain } from 'citty';
import { HEALS_WITHIN } from './chaos/invariants.ts';
import { type Place, SUBJECTS } from './chaos/protocol.ts';
import { openSupervisor, PROCESSES } from './chaos/supervisor.ts';
import { troublesOf } from './chaos/troubles.ts';

/** Milliseconds. Processes start slowly on a busy machine, which is no promise. */
const STARTS_WITHIN = 120_000;

await runMain(
  defineCommand({
    meta: { name: 'chaos', description: 'Four processes of a product, one store, one vendor, and everything that can go wrong.' },
    args: {
      minutes: { type: 'string', default: '10', description: 'how long' },
      store: { type: 'enum', options: ['sqlite', 'redis'], default: 'sqlite', description: 'redis needs a redis-server' },
      seed: { type: 'string', description: 'the number that an earlier run printed, for the same troubles in the same order' },
      without: { type: 'string', default: '', description: 'troubles to leave out, such as "kill,wrong secret"' },
    },
    run: async ({ args: { minutes, store, seed = String(Math.floor(Math.random() * 2 ** 32)), without } }) => {
      process.once('SIGINT', () => process.exit(130));
      if (!(Number(minutes) > 0 && Number.isInteger(Number(seed)))) {
        console.error('Give --minutes above 0, and --seed as a whole number.');
        process.exitCode = 1;
        return;
      }
      console.log(`${minutes} minutes of chaos on ${store}, seed ${seed}`);
      if ((await chaos(Number(minutes), store, Number(seed), without.split(','))) === 0) return;
      console.log(`Promises were broken. The same again: --minutes ${minutes} --store ${store} --seed ${seed} --without '${without}'`);
      process.exitCode = 1;
    },
  }),
);

/** Resolves to how many promises were broken. */
async function chaos(minutes: number, kind: Place['kind'], seed: number, without: readonly string[]): Promise<number> {
  const supervisor = await openSupervisor(kind, randomFrom(seed + 1));
  const { record, tally, vendor, fleet, judge, everybodyIsServed, close } = supervisor;
  const happened: Record<string, number> = {};
  const report = (): void => {
    const counts = { calls: tally.calls(), 'token requests': vendor.requests.length, ...happened, violations: record.violations() };
    const text = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
    console.log(`${record.seconds()}  ${text.join(', ')}`);
  };

  // Until everybody has a token and the vendor has accepted both secrets.
  await everybodyIsServed(Date.now() + 4_000, STARTS_WITHIN);
  const lines = setInterval(() => {
    judge(Date.now() - 10_000);
    report();
  }, 30_000);
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // within the list
  const troubles = troublesOf(supervisor).filter(([name]) => !without.includes(name));
  const running: Promise<void>[] = [];
  for (const end = Date.now() + minutes * 60_000; Date.now() < end; ) {
    await setTimeout(500 + 3_000 * random());
    const [name, trouble] = pick(troubles);
    const target = { index: Math.floor(random() * PROCESSES), subject: pick(SUBJECTS), force: random() };
    happened[name] = (happened[name] ?? 0) + 1;
    record.note(`trouble: ${name} ${JSON.stringify(target)} of ${fleet.pids()}`);
    running.push(trouble(target));
  }
  await Promise.all(running);
  await everybodyIsServed(Date.now(), HEALS_WITHIN);
  clearInterval(lines);
  await close();
  judge(Date.now());
  console.table(tally.table());
  report();
  if (record.violations() === 0) record.remove();
  else console.log(`What happened is in ${record.folder}/log.`);
  return record.violations();
}

/** The same numbers for the same seed, from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
