/** Follows what is said about a wrong name: ` (did you mean 'testing'?)`, or nothing if none of the names is close. */
export const didYouMean = (given: unknown, names: readonly string[]): string => {
  const meant = typeof given === 'string' ? closest(given, names) : undefined;
  return meant === undefined ? '' : ` (did you mean '${meant}'?)`;
};

/** `must be active or testing (did you mean 'testing'?)` */
export const mustBeOneOf = (choices: readonly string[], given: unknown): string => {
  const all = [choices.slice(0, -1).join(', '), choices.at(-1)].filter((part) => part !== '').join(' or ');
  return `must be ${all}${didYouMean(given, choices)}`;
};

/** How many letters may be wrong. */
const MOST_WRONG = 2;

/** The name that was probably meant. */
const closest = (given: string, names: readonly string[]): string | undefined => {
  const plainly = plain(given);
  const begun = (name: string): boolean => plainly.length > 2 && (plain(name).startsWith(plainly) || plainly.startsWith(plain(name)));
  const same = names.find((name) => plain(name) === plainly) ?? names.find(begun);
  if (same !== undefined) return same;
  const most = Math.min(MOST_WRONG, Math.floor(plainly.length / 3));
  const [nearest] = names
    .map((name) => ({ name, wrong: wrongLetters(plainly, plain(name)) }))
    .filter(({ wrong }) => wrong <= most)
    .sort((a, b) => a.wrong - b.wrong);
  return nearest?.name;
};

/** Without what is easily confused: case, spaces, hyphens and underscores. */
const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

/**
 * How many letters have to be added, removed, replaced or swapped with the next one (the optimal string alignment distance); a wrong length
 * counts as wrong altogether.
 */
const wrongLetters = (one: string, other: string): number => {
  if (Math.abs(one.length - other.length) > MOST_WRONG) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    rows.push(next);
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const replaced = at(row - 1, column - 1) + (isSame ? 0 : 1);
      const swapped = isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced, swapped));
    }
  }
  return at(one.length, other.length);
};
