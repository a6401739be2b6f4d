import type { ExpandOptions } from './parameters.ts';

/** A resource, and what `expand` asked for. */
export interface Expandable {
  /** Under the vendor's names, as the vendor sent it. Absent if nothing was asked for. */
  readonly expanded?: Readonly<Record<string, unknown>> | undefined;
}

/** Reads a resource with what `expand` asked for. */
export const withExpanded =
  <T extends object | null>(parse: (body: unknown) => T) =>
  (body: unknown, { expand = '' }: ExpandOptions): T => {
    const resource = parse(body);
    if (expand === '' || resource === null || typeof body !== 'object' || body === null) return resource;
    const asked = topLevelOf(expand);
    return { ...resource, expanded: Object.fromEntries(Object.entries(body).filter(([name]) => asked.has(name))) };
  };

/** `accounts[transactions],connector` asks for two. */
const topLevelOf = (expand: string): ReadonlySet<string> => {
  let depth = 0;
  const outer = [...expand].filter((character) => {
    depth += character === '[' ? 1 : 0;
    const isOutside = depth === 0;
    depth -= character === ']' ? 1 : 0;
    return isOutside;
  });
  return new Set(outer.join('').split(','));
};
