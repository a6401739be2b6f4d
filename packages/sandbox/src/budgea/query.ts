import type { Refusals } from './errors.ts';

/** The most that `limit` may ask for. */
const LONGEST = 1000;

/** The part of a list that `limit` and `offset` ask for. Assumption: a `limit` above 1000 is refused, and without one the list is whole. */
export const pageOf = <Item>(request: Request, items: readonly Item[], refuse: Refusals): readonly Item[] => {
  const { searchParams } = new URL(request.url);
  const count = (name: string, most: number): number | undefined => {
    const text = searchParams.get(name);
    if (text === null || text === '') return undefined;
    if (!/^\d{1,9}$/.test(text) || Number(text) > most) throw refuse.invalidValue(name);
    return Number(text);
  };
  const limit = count('limit', LONGEST);
  const offset = count('offset', Number.POSITIVE_INFINITY) ?? 0;
  return items.slice(offset, limit === undefined ? undefined : offset + limit);
};

/** Whether a flag such as `?all` is set: it needs no value. Other values than `true`, `false`, `1` and `0` are refused. */
export const flagOf = (request: Request, name: string, refuse: Refusals): boolean => {
  const value = new URL(request.url).searchParams.get(name)?.toLowerCase();
  if (value === undefined || value === 'false' || value === '0') return false;
  if (value === '' || value === 'true' || value === '1') return true;
  throw refuse.invalidValue(name);
};
