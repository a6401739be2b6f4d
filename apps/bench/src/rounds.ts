import { type Contender, loopOfItsOwn, type Timed, timed } from './timed.ts';

/** Nanoseconds that a contender's turn takes, about: long enough for the timer, and so short that a busy machine interrupts few of them. */
const TURN = 500_000;
/** Rounds in which functions are compiled, and which do not count. */
const WARM_UP = 40;

/** How often it is called in one turn. */
const callsOf = async (contender: Contender, timed: Timed): Promise<number> => {
  for (let calls = 1; ; calls *= 4) {
    const each = await timed(contender, calls);
    if (each * calls >= TURN / 2) return Math.max(1, Math.round(TURN / each));
  }
};

/**
 * Nanoseconds per call, by contender and round. Every contender has its turn in every round, and each round begins with another one.
 * The garbage of one turn is collected before the next. All go through one loop, as the callers of a product's one client do, unless
 * each is to have its own.
 */
export const inTurn = async (
  contenders: readonly Contender[],
  rounds: number,
  { hasOwnLoops = false } = {},
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const turns: Turn[] = [];
  for (const contender of contenders) {
    const loop = hasOwnLoops ? await loopOfItsOwn(contender.name) : timed;
    await loop(contender, 2_000);
    turns.push({ contender, loop, calls: await callsOf(contender, loop), times: [] });
  }
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    const first = round % turns.length;
    for (const { contender, loop, calls, times } of [...turns.slice(first), ...turns.slice(0, first)]) {
      globalThis.gc?.({ type: 'minor' });
      const time = await loop(contender, calls);
      if (round >= WARM_UP) times.push(time);
    }
  }
  return new Map(turns.map(({ contender: { name }, times }) => [name, times]));
};

interface Turn {
  readonly contender: Contender;
  readonly loop: Timed;
  /** In one turn. */
  readonly calls: number;
  readonly times: number[];
}
