// A warm read by one peer, in turn with the floor and with nothing else in the process. Argument: the name of the peer.

import { figureOf, ratiosTo } from '../figures.ts';
import { floor } from '../floor.ts';
import { peerNamed } from '../peers/index.ts';
import { can } from '../peers/peer.ts';
import { inTurn } from '../rounds.ts';
import { createVendor } from '../vendor.ts';

/** What this prints. */
export interface Alone {
  /** Nanoseconds. */
  readonly time: number;
  readonly ratio: number;
}

const { name, token } = peerNamed(process.argv[2]);
if (!can(token)) throw new Error(`${name} has no token to read.`);
const times = await inTurn(
  [
    { name: 'floor', run: floor },
    { name, run: token(createVendor()) },
  ],
  301,
  { hasOwnLoops: true },
);
const own = times.get(name) ?? [];
const alone: Alone = { time: figureOf(own).median, ratio: figureOf(ratiosTo(own, times.get('floor') ?? [])).median };
console.log(JSON.stringify(alone));
