import { type Contender, loopOfItsOwn, type Timed, timed } from './timed.ts';

/** Nanoseconds that a contender's turn takes, about: long enough for the timer, and so short that a busy machine interrupts few of them. */
const TURN = 500_000;
/** What each does before the first round, at least. A client with much code needs thousands of calls until all of it is compiled. */
const WARM_UP = { milliseconds: 100, calls: 10_000 } as const;
/** Calls in one turn, at least. In a few calls a client with much code would mostly find that the others have emptied the caches. */
const LEAST_CALLS = 50;

/** Calls that are timed together before that. The fastest of them says how long a call takes: the machine interrupted it least. */
const CHUNK = 500;

/** Rounds that do not count, in which what was compiled for one contender at a time meets the others. */
const FIRST_ROUNDS = 20;

/** Calls it until it is compiled for good, and answers how often it is to be called in one turn. */
const warmedUp = async (contender: Contender, loop: Timed): Promise<number> => {
  const until = performance.now() + WARM_UP.milliseconds;
  let fastest = Number.POSITIVE_INFINITY;
  for (let calls = 0; calls < WARM_UP.calls || performance.now() < until; calls += CHUNK)
    fastest = Math.min(fastest, await loop(contender, CHUNK));
  return Math.max(LEAST_CALLS, Math.round(TURN / fastest));
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
    turns.push({ contender, loop, calls: await warmedUp(contender, loop), times: [] });
  }
  for (let round = 0; round < FIRST_ROUNDS + rounds; round += 1) {
    const first = round % turns.length;
    for (const { contender, loop, calls, times } of [...turns.slice(first), ...turns.slice(0, first)]) {
      globalThis.gc?.({ type: 'minor' });
      const time = await loop(contender, calls);
      if (round >= FIRST_ROUNDS) times.push(time);
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
