import { type Figure, figureOf } from '../figures.ts';
import type { Measured } from '../measured.ts';
import { PEERS } from '../peers/index.ts';
import { ours } from '../peers/ours.ts';
import { can } from '../peers/peer.ts';
import { inProgram } from '../processes/run.ts';
import { FLOOR, PEEK, type Reads, SYNC_FLOOR } from '../reads.ts';
import { type Row, sideOf } from '../table.ts';

/** Each for itself decides how to compile what it runs. */
const PROCESSES = 5;

/** What a token costs that is there already. */
export const warm = async (): Promise<Measured> => {
  const names = PEERS.flatMap(({ name, token }) => (can(token) ? [name] : []));
  const among: Reads[] = [];
  const alone: Reads[] = [];
  for (let round = 0; round < PROCESSES; round += 1) {
    among.push(inProgram<Reads>('warm.ts', ...names));
    for (const name of names) alone.push(inProgram<Reads>('warm.ts', name));
  }
  const rows = PEERS.map((peer): Row => {
    const { name, token } = peer;
    if (!can(token)) return { name, side: sideOf(peer), cells: [undefined, undefined, undefined, undefined], remark: token.cannot };
    return { name, side: sideOf(peer), cells: [...cellsOf(among, name), ...cellsOf(alone, name)] };
  });
  return {
    tables: [
      {
        title: 'Warm token read',
        caption: `One \`await\` of a token that is good for two hours. The floor is an async function that checks an expiry and returns a field. Among all: ${names.length} libraries and the floor in turn in one process. Alone: the floor and one other. Each in ${PROCESSES} processes of 201 rounds; medians (quartiles) of the processes' medians. A ratio is taken within each round.`,
        columns: [
          { heading: 'among all, ns' },
          { heading: '× floor', isRanked: true },
          { heading: 'alone, ns' },
          { heading: '× floor', isRanked: true },
        ],
        rows: [{ name: FLOOR, side: 'neither', cells: [...cellsOf(among, FLOOR), ...cellsOf(alone, FLOOR)] }, ...rows],
      },
      {
        title: 'Synchronous read',
        caption: 'In the same processes. No peer answers its token without a promise.',
        columns: [{ heading: 'ns' }, { heading: '× floor' }],
        rows: [
          { name: SYNC_FLOOR, side: 'neither', cells: [cellsOf(among, SYNC_FLOOR)[0], 1] },
          { name: PEEK, side: 'ours', cells: cellsOf(among, PEEK) },
        ],
      },
    ],
    goals: [
      { name: 'warm `await token()`, × floor, among all', value: cellsOf(among, ours.name)[1].median, bound: 1.25, target: 1.15 },
      { name: 'warm `await token()`, × floor, alone', value: cellsOf(alone, ours.name)[1].median, bound: 1.25, target: 1.15 },
      { name: '`peek()`, × a field and its expiry', value: cellsOf(among, PEEK)[1].median, bound: 1.2, target: 1.1 },
    ],
  };
};

const cellsOf = (processes: readonly Reads[], name: string): readonly [time: Figure, ratio: Figure] => {
  const own = processes.flatMap(({ [name]: read }) => (read === undefined ? [] : [read]));
  return [figureOf(own.map(({ time }) => time)), figureOf(own.map(({ ratio }) => ratio))];
};
