// Warm reads in turn with the floor. Arguments: the names of those who read. One alone has nothing else in its process, and a loop of its own.
import { figureOf, ratiosTo } from '../figures.ts';
import { floor, syncFloor } from '../floor.ts';
import { peerNamed } from '../peers/index.ts';
import { tokensOf } from '../peers/ours.ts';
import { can } from '../peers/peer.ts';
import { FLOOR, PEEK, type Reads, SYNC_FLOOR } from '../reads.ts';
import { inTurn } from '../rounds.ts';
import type { Contender } from '../timed.ts';
import { createVendor } from '../vendor.ts';

const ROUNDS = 201;

const names = process.argv.slice(2);
const isAlone = names.length === 1;
const tokens = tokensOf(createVendor());
await tokens.token();

const readers = names.map((name): Contender => {
  const { token } = peerNamed(name);
  if (!can(token)) throw new Error(`${name} has no token to read.`);
  return { name, run: token(createVendor()) };
});
const withoutPromise: readonly Contender[] = [
  { name: SYNC_FLOOR, run: syncFloor, isSync: true },
  { name: PEEK, run: tokens.peek, isSync: true },
];
const contenders = [{ name: FLOOR, run: floor }, ...readers, ...(isAlone ? [] : withoutPromise)];
const times = await inTurn(contenders, ROUNDS, { hasOwnLoops: isAlone });
const reads: Reads = Object.fromEntries(
  [...times].map(([name, own]) => {
    const base = times.get(name === PEEK ? SYNC_FLOOR : FLOOR) ?? [];
    return [name, { time: figureOf(own).median, ratio: figureOf(ratiosTo(own, base)).median }];
  }),
);
console.log(JSON.stringify(reads));
