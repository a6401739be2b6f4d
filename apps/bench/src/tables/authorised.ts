import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Figure, figureOf, ratiosTo } from '../figures.ts';
import { floor } from '../floor.ts';
import type { Measured } from '../measured.ts';
import { authorisedBy, tokensOf } from '../peers/ours.ts';
import { inTurn } from '../rounds.ts';
import type { Contender } from '../timed.ts';
import { API_URL, createVendor, type Fetch } from '../vendor.ts';

const ROUNDS = 401;
const ROUNDS_ON_LOOPBACK = 101;
const FLOOR = 'floor';
const BARE = 'bare fetch';

/** What `authorizedFetch` adds to a request: with nothing of a network in it, and beside the runtime's own `fetch`. */
export const authorised = async (): Promise<Measured> => {
  const answer = new Response(null, { status: 204 });
  const bare: Fetch = async () => answer;
  // The one call that needs a token reads it from the vendor; every other finds it.
  const send = authorisedBy(tokensOf(createVendor()), bare);
  await send(API_URL);
  const init = { headers: { 'x-request': '1' } };
  const request = new Request(API_URL);
  // 3 and 2 µs where the floor takes 76 ns.
  const forms: readonly (Contender & { readonly target: number })[] = [
    { name: 'URL', run: () => send(API_URL), target: 26 },
    { name: 'URL and init', run: () => send(API_URL, init), target: 40 },
    { name: 'Request', run: () => send(request), target: 40 },
  ];
  const times = await inTurn([{ name: FLOOR, run: floor }, { name: BARE, run: () => bare(API_URL) }, ...forms], ROUNDS);
  const timesOf = (name: string): readonly number[] => times.get(name) ?? [];
  const addedBy = (name: string, unit: readonly number[]) =>
    figureOf(timesOf(name).map((time, round) => (time - (timesOf(BARE)[round] ?? Number.NaN)) / (unit[round] ?? Number.NaN)));
  const microseconds = timesOf(BARE).map(() => 1000);
  const onLoopback = await besidePlainFetch();
  return {
    tables: [
      {
        title: 'Authorised request',
        caption: `What \`authorizedFetch\` adds to a fetch that answers at once; the floor is that of a warm read. Medians (quartiles) of ${ROUNDS} rounds.`,
        columns: [{ heading: 'added, µs' }, { heading: '× floor' }],
        rows: forms.map(({ name }) => ({
          name: `@auth/core, ${name}`,
          side: 'ours',
          cells: [addedBy(name, microseconds), addedBy(name, timesOf(FLOOR))],
        })),
      },
      {
        title: 'Authorised request on loopback',
        caption: `A GET with a header, of a server in this process that answers 204, by \`authorizedFetch\` and by the runtime's \`fetch\`. Medians (quartiles) of ${ROUNDS_ON_LOOPBACK} rounds.`,
        columns: [{ heading: '× plain fetch' }],
        rows: [{ name: '@auth/core, URL and init', side: 'ours', cells: [onLoopback] }],
      },
    ],
    goals: [
      ...forms.map(({ name, target }) => ({
        name: `\`authorizedFetch\` over bare fetch, ${name}, × floor`,
        value: addedBy(name, timesOf(FLOOR)).median,
        bound: 40,
        target,
      })),
      { name: '`authorizedFetch` on loopback, × plain fetch', value: onLoopback.median, bound: 1.3, target: 1.05 },
    ],
  };
};

/** How long an authorised request takes, as a multiple of the same request without credentials. */
const besidePlainFetch = async (): Promise<Figure> => {
  const server = createServer((_, response) => void response.writeHead(204).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  const origin = `http://127.0.0.1:${port}/`;
  const [url, init] = [`${origin}accounts`, { headers: { 'x-request': '1' } }];
  const send = authorisedBy(tokensOf(createVendor()), (input, options) => fetch(input, options), origin);
  const read = async (work: Promise<Response>): Promise<unknown> => (await work).text();
  const [plain, ours] = ['plain', 'authorised'];
  const times = await inTurn(
    [
      { name: plain, run: () => read(fetch(url, init)) },
      { name: ours, run: () => read(send(url, init)) },
    ],
    ROUNDS_ON_LOOPBACK,
  );
  server.closeAllConnections();
  server.close();
  return figureOf(ratiosTo(times.get(ours) ?? [], times.get(plain) ?? []));
};
