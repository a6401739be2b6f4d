// A minute of 1,000 requests per second at each sandbox, which has one core. Exits non-zero if it cannot keep up, or its memory grows.
// node --conditions=workspace-source bench/load.ts [finicity|budgea …] [--seconds 60]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Drive, drive } from './drive.ts';
import { canPin, type Served, served, type Usage } from './served.ts';
import { budgeaSession, finicitySession, type Session } from './sessions.ts';

const RATE = 1000;
const CLIENTS = 128;
/** Looks at the memory on the way. */
const LOOKS = 6;
/** Bytes that the heap may grow from a third of the time to its end. */
const GROWTH = 4 * 2 ** 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' } },
});
const seconds = Number(values.seconds);
if (!(seconds >= 1)) throw new Error('--seconds is a number from 1 on.');

const sessions: Readonly<Record<string, (serving: Served) => Session>> = { finicity: finicitySession, budgea: budgeaSession };

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const percentile = ({ latencies }: Drive, part: number): string => `${latencies[Math.floor(latencies.length * part)]?.toFixed(1)} ms`;

/** Looks at the memory while something runs, and tells it. Resolves to what was seen, by second. */
const watched = async (server: Served, run: Promise<unknown>): Promise<ReadonlyMap<number, Usage>> => {
  const seen = new Map<number, Usage>();
  const started = performance.now();
  const look = async (): Promise<void> => {
    const second = Math.round((performance.now() - started) / 1000);
    const usage = await server.usage();
    seen.set(second, usage);
    console.log(`  second ${String(second).padStart(2)}: heap ${megabytes(usage.heapUsed)}, resident ${megabytes(usage.rss)}`);
  };
  await look();
  const timer = setInterval(look, (seconds * 1000) / LOOKS);
  await run;
  clearInterval(timer);
  await look();
  return seen;
};

/** From a third of the time on: by then everything that has a bound has reached it. */
const growth = (seen: ReadonlyMap<number, Usage>): number => {
  const settled = [...seen].filter(([second]) => second >= seconds / 3).map(([, { heapUsed }]) => heapUsed);
  return (settled.at(-1) ?? Number.NaN) - (settled[0] ?? Number.NaN);
};

const tell = (ok: boolean, text: string): void => {
  console.log(`${ok ? 'ok  ' : 'OVER'}  ${text}`);
  if (!ok) process.exitCode = 1;
};

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${canPin ? 'on one core' : 'not held on one core'}`);
for (const vendor of positionals.length > 0 ? positionals : Object.keys(sessions)) {
  const makeSession = sessions[vendor];
  if (makeSession === undefined) throw new Error(`There is no sandbox of ${vendor}. Known: ${Object.keys(sessions).join(', ')}.`);
  const server = await served(vendor);
  const session = makeSession(server);
  // So that nothing is measured while it is still being compiled.
  await drive({ url: server.url, session, seconds: 2, rate: null, clients: CLIENTS });
  console.log(`\n${vendor}: ${RATE} requests per second for ${seconds} s, ${CLIENTS} connections`);
  const run = drive({ url: server.url, session, seconds, rate: RATE, clients: CLIENTS });
  const seen = await watched(server, run);
  const outcome = await run;
  const achieved = (outcome.sent / outcome.took) * 1000;
  const grown = growth(seen);
  tell(achieved >= RATE * 0.99, `${achieved.toFixed(0)} requests per second`);
  tell(outcome.errors.size === 0, `errors: ${[...outcome.errors].map(([error, times]) => `${error} (${times})`).join(', ') || 'none'}`);
  tell(grown <= GROWTH, `${megabytes(grown)} growth of the heap after ${Math.round(seconds / 3)} s (at most ${megabytes(GROWTH)})`);
  console.log(`      latency from the due time: median ${percentile(outcome, 0.5)}, 99th percentile ${percentile(outcome, 0.99)}`);
  const { cpu } = await server.usage();
  const most = await drive({ url: server.url, session, seconds: Math.min(seconds, 5), rate: null, clients: 32 });
  const used = (await server.usage()).cpu - cpu;
  console.log(`      at most ${((most.sent / most.took) * 1000).toFixed(0)} requests per second, with 32 connections`);
  // On a busy machine this says more than the rate.
  console.log(`      ${(used / most.sent).toFixed(3)} ms of processor time per request`);
  await server.end();
}
