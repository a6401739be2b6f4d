/** A median, and the quartiles beside it. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export const figureOf = (values: readonly number[]): Figure => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
};

/** Each value over the one of the floor from the same round, so that what slows the machine down for a while cancels out. */
export const ratiosTo = (values: readonly number[], floor: readonly number[]): readonly number[] =>
  values.map((value, round) => value / (floor[round] ?? Number.NaN));

/** Three significant digits. */
export const short = (value: number): string => {
  if (Number.isInteger(value) || value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value < 10 ? 2 : 1);
};

export const shown = ({ median, low, high }: Figure): string => `${short(median)} (${short(low)}–${short(high)})`;
