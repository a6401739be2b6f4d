/** What is tried, and what came of it. */
export interface Trial {
  /** What holds when it succeeds: a sentence. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Fails with both values where they differ. */
export const expectEqual = (what: string, found: unknown, expected: unknown): void => {
  const [is, should] = [found, expected].map((value) => JSON.stringify(value));
  if (is !== should) throw new Error(`${what}: ${is}, not ${should}.`);
};

/** Fails with the text where it lacks what it has to say. */
export const expectText = (what: string, text: string, expected: string | RegExp): void => {
  if (typeof expected === 'string' ? !text.includes(expected) : !expected.test(text))
    throw new Error(`${what} does not say ${expected}:\n${text.trim().slice(-2_000)}`);
};

/** Runs them, so many at a time, and prints a line for each when it is done. Answers how many failed. */
export const runTrials = async (trials: readonly Trial[], atOnce: number): Promise<number> => {
  const waiting = [...trials];
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const started = performance.now();
      const problem = await next.run().then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const seconds = ((performance.now() - started) / 1_000).toFixed(1);
      console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${next.name} (${seconds} s)`);
      if (problem === undefined) continue;
      failed += 1;
      console.log(problem.replaceAll(/^/gm, '       '));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failed;
};
