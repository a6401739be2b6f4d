import { ON_DEMAND, TYPICAL, TYPICAL_LIMIT, weight } from '@auth/scripts/bundle';
import { bundleOf } from '../bundles.ts';
import type { Measured } from '../measured.ts';
import { PEERS } from '../peers/index.ts';
import { ours } from '../peers/ours.ts';
import { type Row, sideOf } from '../table.ts';

/** What a bundle grows by. */
export const size = async (): Promise<Measured> => {
  const rows: Row[] = [];
  for (const peer of PEERS) rows.push({ name: peer.name, side: sideOf(peer), cells: [weight(await bundleOf(peer.typicalUse))] });
  const core = weight(await bundleOf(ours.typicalUse));
  const withStore = weight(await bundleOf(ours.typicalUse, ON_DEMAND.slice(2)));
  const provider = weight(await bundleOf({ names: 'finicity', from: '@auth/finicity' }));
  return {
    tables: [
      {
        title: 'Size',
        caption: `Kilobytes of what a product typically uses, for Node, minified and gzipped, with everything that it needs. Ours is \`${TYPICAL}\`; what it loads on demand is in a row of its own.`,
        columns: [{ heading: 'kB', isRanked: true }],
        rows: [
          ...rows,
          { name: '@auth/core, with what a store adds', side: 'ours', cells: [withStore] },
          { name: '@auth/finicity', side: 'ours', cells: [provider] },
        ],
      },
    ],
    goals: [{ name: 'core "." for its typical use (kB)', value: core, bound: TYPICAL_LIMIT }],
  };
};
