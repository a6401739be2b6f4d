import type { Measured } from '../measured.ts';
import { PEERS } from '../peers/index.ts';
import { can } from '../peers/peer.ts';
import { inProgram } from '../processes/run.ts';
import { type Row, sideOf } from '../table.ts';

const SUBJECTS = 100_000;

/** What each subject takes of the heap. */
export const memory = async (): Promise<Measured> => {
  const bytesOf = (who: string, subjects = SUBJECTS): number => inProgram('memory.ts', who, String(subjects));
  const map = bytesOf('a map');
  const forever = bytesOf('for ever');
  const rows = PEERS.map((peer): Row => {
    const { name, subjects } = peer;
    if (!can(subjects)) return { name, side: sideOf(peer), cells: [undefined, undefined], remark: subjects.cannot };
    const bytes = bytesOf(name, subjects.most);
    const remark = subjects.most === undefined ? undefined : `at ${subjects.most.toLocaleString('en')} subjects, as more take minutes`;
    return { name, side: sideOf(peer), cells: [Math.round(bytes), bytes / map], remark };
  });
  const ours = Number(rows.find(({ side }) => side === 'ours')?.cells[0]);
  return {
    tables: [
      {
        title: 'Memory per subject',
        caption: `Bytes of the heap for each of ${SUBJECTS.toLocaleString('en')} subjects with a token of 500 characters, after garbage collection, one process each. The floor is a map of the tokens alone.`,
        columns: [{ heading: 'bytes', isRanked: true }, { heading: '× floor' }],
        rows: [
          { name: 'a map of the tokens', side: 'neither', cells: [Math.round(map), 1] },
          ...rows,
          { name: '@auth/core, tokens that do not end', side: 'ours', cells: [Math.round(forever), forever / map] },
        ],
      },
    ],
    goals: [
      { name: 'bytes per subject, tokens that live two hours', value: ours, bound: 700, target: 620 },
      { name: 'bytes per subject, tokens that do not end', value: Math.round(forever), bound: 700, target: 620 },
    ],
  };
};
