/**
 * Whether a licence expression can be met with these SPDX ids: `(MIT OR CC0-1.0) AND ISC`. Of `OR` one side is enough, `AND` needs both.
 * What is no expression is an id that nobody allows.
 */
export const isMet = (expression: string, ids: readonly string[]): boolean => {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let position = 0;
  const next = (word: string): boolean => {
    if (words[position] !== word) return false;
    position += 1;
    return true;
  };
  // Both sides are read in any case, so that `position` moves on.
  const either = (): boolean => {
    let met = both();
    while (next('OR')) met = both() || met;
    return met;
  };
  const both = (): boolean => {
    let met = single();
    while (next('AND')) met = single() && met;
    return met;
  };
  const single = (): boolean => {
    if (next('(')) {
      const met = either();
      return next(')') && met;
    }
    const id = words[position];
    position += 1;
    return id !== undefined && ids.includes(id);
  };
  const met = either();
  return met && position === words.length;
};
