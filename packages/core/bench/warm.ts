// What the engine costs where nothing has to be done. Every contender has its turn in every round; figures are medians.
import { authorizedFetch, managed } from '../src/index.ts';
import { tokenAuthority } from '../src/kit/index.ts';
import { report } from './report.ts';

const ROUNDS = 41;
const CALLS = 50_000;
const HOUR = 3_600_000;

const issue = () => ({ value: 'x'.repeat(20), issuedAt: Date.now(), expiresAt: Date.now() + 2 * HOUR });
const tokens = managed({ token: async () => issue() });
await tokens.token();

const field = { value: 'x'.repeat(20), until: performance.now() + HOUR };
const floorSync = (): string | undefined => (performance.now() < field.until ? field.value : undefined);
const floor = async (): Promise<string | undefined> => (performance.now() < field.until ? field.value : undefined);

const answer = new Response(null, { status: 204 });
const bare: (input: string | Request, init?: RequestInit) => Promise<Response> = async () => answer;
const authorised = authorizedFetch(
  tokenAuthority({
    provider: 'bench',
    baseUrl: 'https://api.example/',
    transport: async () => answer,
    tokens,
    headersOf: ({ value }) => ({ accept: 'application/json', 'x-key': 'key', 'x-token': value }),
    isTokenRefused: async () => false,
  }),
);
const url = 'https://api.example/v1/accounts?limit=5';
const init = { headers: { 'x-request': '1' } };
const request = new Request(url);

const contenders: readonly (readonly [name: string, run: () => unknown])[] = [
  ['floor', floor],
  ['token', tokens.token],
  ['bare', () => bare(url)],
  ['URL', () => authorised(url)],
  ['URL and init', () => authorised(url, init)],
  ['Request', () => authorised(request)],
];
const syncContenders: readonly (readonly [name: string, run: () => unknown])[] = [
  ['floorSync', floorSync],
  ['peek', tokens.peek],
];

const times = new Map<string, number[]>();
let sink: unknown;
const note = (name: string, started: bigint): void => {
  const list = times.get(name) ?? [];
  list.push(Number(process.hrtime.bigint() - started) / CALLS);
  times.set(name, list);
};
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of contenders) {
    const started = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call += 1) sink = await run();
    note(name, started);
  }
  for (const [name, run] of syncContenders) {
    const started = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call += 1) sink = run();
    note(name, started);
  }
}
const median = (name: string): number => (times.get(name) ?? []).sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
void sink;

report('warm `await token()` / an async function that checks an expiry', median('token') / median('floor'), 1.15);
report('`peek()` / a field read with an expiry check', median('peek') / median('floorSync'), 1.2);
for (const name of ['URL', 'URL and init', 'Request'])
  report(`\`authorizedFetch\` over bare fetch, ${name} (µs)`, (median(name) - median('bare')) / 1000, 3);
