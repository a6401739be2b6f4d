import type { Refusals } from './errors.ts';

/** What to show of a resource beyond itself, by name; each with what to show of that. */
export interface Expand extends ReadonlyMap<string, Expand> {}

interface Level extends Map<string, Level> {}

/** Reads `accounts[transactions],connector[countries]`; `undefined` for what is not such a list. */
export const parseExpand = (text: string): Expand | undefined => {
  const root: Level = new Map();
  const open: Level[] = [root];
  let last: Level | undefined;
  let wantsName = true;
  if (text === '') return root;
  for (const [token] of text.matchAll(/\w+|\W/g)) {
    const level = open.at(-1);
    if (level === undefined || /\w/.test(token) !== wantsName) return undefined;
    if (wantsName) {
      last = level.get(token) ?? new Map();
      level.set(token, last);
      wantsName = false;
    } else if (token === ',') wantsName = true;
    else if (token === '[' && last !== undefined) {
      open.push(last);
      wantsName = true;
    } else if (token === ']' && open.length > 1) {
      open.pop();
      last = undefined;
    } else return undefined;
  }
  return open.length === 1 && !wantsName ? root : undefined;
};

/** A request's `expand`. Refuses what cannot be read with `invalidValue`; assumption: names that mean nothing are left out. */
export const expandOf = (request: Request, refuse: Refusals): Expand => {
  const expand = parseExpand(new URL(request.url).searchParams.getAll('expand').join(','));
  if (expand === undefined) throw refuse.invalidValue('expand');
  return expand;
};
