/** Something that is measured beside others. */
export interface Contender {
  readonly name: string;
  readonly run: () => unknown;
  /** Called without `await`. */
  readonly isSync?: boolean;
}

/** Nanoseconds per call. */
export type Timed = (contender: Contender, calls: number) => Promise<number>;

/** Something has to become of the results, or the compiler leaves the calls out. */
let sink: unknown;

export const timed: Timed = async ({ run, isSync }, calls) => {
  const started = process.hrtime.bigint();
  if (isSync) for (let call = 0; call < calls; call += 1) sink = run();
  else for (let call = 0; call < calls; call += 1) sink = await run();
  void sink;
  return Number(process.hrtime.bigint() - started) / calls;
};

/**
 * A loop for one contender only. Where several share one, the compiler decides for all of them by those that it saw first, and so
 * differently from process to process.
 */
export const loopOfItsOwn = async (name: string): Promise<Timed> => {
  const { timed: own }: { readonly timed: Timed } = await import(`${import.meta.url}?${encodeURIComponent(name)}`);
  return own;
};
