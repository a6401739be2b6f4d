import { figureOf, ratiosTo } from '../figures.ts';
import { floor, syncFloor } from '../floor.ts';
import type { Measured } from '../measured.ts';
import { PEERS } from '../peers/index.ts';
import { tokensOf } from '../peers/ours.ts';
import { can } from '../peers/peer.ts';
import type { Alone } from '../processes/alone.ts';
import { inProgram } from '../processes/run.ts';
import { inTurn } from '../rounds.ts';
import { type Row, sideOf, type Table } from '../table.ts';
import type { Contender } from '../timed.ts';
import { createVendor } from '../vendor.ts';

const ROUNDS = 401;
const PROCESSES = 7;
const FLOOR = 'floor';
const SYNC_FLOOR = 'a field and its expiry';
const PEEK = '@auth/core, `peek()`';

/** What a token costs that is there already. */
export const warm = async (): Promise<Measured> => {
  const readers = PEERS.flatMap((peer) => (can(peer.token) ? [{ peer, read: peer.token(createVendor()) }] : []));
  const tokens = tokensOf(createVendor());
  await tokens.token();
  const contenders: readonly Contender[] = [
    { name: FLOOR, run: floor },
    ...readers.map(({ peer: { name }, read }) => ({ name, run: read })),
    { name: SYNC_FLOOR, run: syncFloor, isSync: true },
    { name: PEEK, run: tokens.peek, isSync: true },
  ];
  const times = await inTurn(contenders, ROUNDS);
  const timesOf = (name: string): readonly number[] => times.get(name) ?? [];
  const alone = await aloneTimes(readers.map(({ peer }) => peer.name));
  const aloneOf = (name: string): readonly Alone[] => alone.get(name) ?? [];

  const rows = PEERS.map((peer): Row => {
    const { name, token } = peer;
    if (!can(token)) return { name, side: sideOf(peer), cells: [undefined, undefined, undefined, undefined], remark: token.cannot };
    return {
      name,
      side: sideOf(peer),
      cells: [
        figureOf(timesOf(name)),
        figureOf(ratiosTo(timesOf(name), timesOf(FLOOR))),
        figureOf(aloneOf(name).map(({ time }) => time)),
        figureOf(aloneOf(name).map(({ ratio }) => ratio)),
      ],
    };
  });
  const among = figureOf(ratiosTo(timesOf(PEERS[0]?.name ?? ''), timesOf(FLOOR)));
  const peek = figureOf(ratiosTo(timesOf(PEEK), timesOf(SYNC_FLOOR)));

  const read: Table = {
    title: 'Warm token read',
    caption: `One \`await\` of a token that is good for two hours. The floor is an async function that checks an expiry and returns a field. Among all: ${contenders.length} functions in turn in one process, ${ROUNDS} rounds. Alone: the floor and one other, ${PROCESSES} processes each. Medians (quartiles); ratios are taken within each round.`,
    columns: [
      { heading: 'among all, ns' },
      { heading: '× floor', isRanked: true },
      { heading: 'alone, ns' },
      { heading: '× floor', isRanked: true },
    ],
    rows: [{ name: FLOOR, side: 'neither', cells: [figureOf(timesOf(FLOOR)), 1, undefined, 1] }, ...rows],
  };
  const peekTable: Table = {
    title: 'Synchronous read',
    caption: 'In the same rounds. No peer answers its token without a promise.',
    columns: [{ heading: 'ns' }, { heading: '× floor' }],
    rows: [
      { name: SYNC_FLOOR, side: 'neither', cells: [figureOf(timesOf(SYNC_FLOOR)), 1] },
      { name: PEEK, side: 'ours', cells: [figureOf(timesOf(PEEK)), peek] },
    ],
  };
  const aloneRatio = figureOf(aloneOf(PEERS[0]?.name ?? '').map(({ ratio }) => ratio));
  return {
    tables: [read, peekTable],
    goals: [
      { name: 'warm `await token()`, × floor, among all', value: among.median, bound: 1.3, target: 1.15 },
      { name: 'warm `await token()`, × floor, alone', value: aloneRatio.median, bound: 1.2, target: 1.15 },
      { name: '`peek()`, × a field and its expiry', value: peek.median, bound: 1.2, target: 1.1 },
    ],
  };
};

/** Each process by itself, the peers in turn. */
const aloneTimes = async (names: readonly string[]): Promise<ReadonlyMap<string, readonly Alone[]>> => {
  const found = new Map<string, Alone[]>(names.map((name) => [name, []]));
  for (let round = 0; round < PROCESSES; round += 1) for (const name of names) found.get(name)?.push(inProgram<Alone>('alone.ts', name));
  return found;
};
