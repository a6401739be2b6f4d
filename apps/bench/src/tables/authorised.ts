import { figureOf } from '../figures.ts';
import { floor } from '../floor.ts';
import type { Measured } from '../measured.ts';
import { authorisedBy, tokensOf } from '../peers/ours.ts';
import { inTurn } from '../rounds.ts';
import type { Contender } from '../timed.ts';
import { API_URL, createVendor, type Fetch } from '../vendor.ts';

const ROUNDS = 401;
const FLOOR = 'floor';
const BARE = 'bare fetch';

/** What `authorizedFetch` adds to a request, with nothing of a network in it. */
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
    ],
    goals: forms.map(({ name, target }) => ({
      name: `\`authorizedFetch\` over bare fetch, ${name}, × floor`,
      value: addedBy(name, timesOf(FLOOR)).median,
      bound: 40,
      target,
    })),
  };
};
