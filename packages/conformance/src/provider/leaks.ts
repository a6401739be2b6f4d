/** What the runtime may have for looking into values. */
type Inspect = (value: unknown, options: object) => string;

/**
 * Whether one of these can be found in a value by anything that logs, inspects or serialises: own members of any kind, accessors, what
 * collections hold, messages, stacks and causes, JSON, and Node's `inspect` where there is one. Answers where.
 */
export const findIn = (value: unknown, needles: readonly string[]): string | undefined => {
  const variants = needles.flatMap((needle) => [needle, encodeURIComponent(needle), JSON.stringify(needle).slice(1, -1), base64(needle)]);
  const isFound = (text: string): boolean => variants.some((variant) => text.includes(variant));
  const inspect = inspector();
  const views: Readonly<Record<string, () => string>> = {
    JSON: () => JSON.stringify(value) ?? '',
    'its text': () => String(value),
    inspect: () => inspect?.(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null }) ?? '',
  };
  const [where] = Object.entries(views).flatMap(([name, view]) => (isFound(attempted(view)) ? [name] : []));
  return pathTo(value, isFound, 'it', new Set()) ?? where;
};

const pathTo = (value: unknown, isFound: (text: string) => boolean, path: string, seen: Set<unknown>): string | undefined => {
  if (typeof value === 'string' || typeof value === 'symbol') return isFound(String(value)) ? path : undefined;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return undefined;
  seen.add(value);
  if (ArrayBuffer.isView(value) && isFound(attempted(() => new TextDecoder().decode(value)))) return path;
  for (const [name, member] of membersOf(value)) {
    if (isFound(name)) return `a name in ${path}`;
    const found = pathTo(member, isFound, `${path}.${name}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Own members, hidden ones and symbols too; accessors of the prototypes; what a collection holds. */
const membersOf = (value: object): readonly (readonly [string, unknown])[] => {
  const own = Reflect.ownKeys(value).map((key) => [String(key), read(value, key)] as const);
  return [...own, ...accessorsOf(value), ...contentsOf(value)];
};

const accessorsOf = (value: object): readonly (readonly [string, unknown])[] => {
  const found: (readonly [string, unknown])[] = [];
  for (
    let prototype = Reflect.getPrototypeOf(value);
    prototype !== null && prototype !== Object.prototype;
    prototype = Reflect.getPrototypeOf(prototype)
  ) {
    if (prototype === Function.prototype) break;
    for (const key of Reflect.ownKeys(prototype)) {
      if (Reflect.getOwnPropertyDescriptor(prototype, key)?.get) found.push([String(key), read(value, key)]);
    }
  }
  return found;
};

const contentsOf = (value: object): readonly (readonly [string, unknown])[] => {
  if (value instanceof Map || value instanceof Set || value instanceof Headers || value instanceof URLSearchParams)
    return [...value].map((entry, index) => [`entry ${index}`, entry]);
  return [];
};

/** What an accessor throws says nothing. */
const read = (value: object, key: PropertyKey): unknown => {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
};

const attempted = (view: () => string): string => {
  try {
    return view();
  } catch {
    return '';
  }
};

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/=+$/, '');

/** Of Node, Bun and Deno; elsewhere the walk through the members has to do. */
const inspector = (): Inspect | undefined => {
  const process: unknown = Reflect.get(globalThis, 'process');
  const builtIn: unknown = typeof process === 'object' && process !== null ? Reflect.get(process, 'getBuiltinModule') : undefined;
  const util: unknown = typeof builtIn === 'function' ? Reflect.apply(builtIn, process, ['node:util']) : undefined;
  const inspect: unknown = typeof util === 'object' && util !== null ? Reflect.get(util, 'inspect') : undefined;
  return typeof inspect === 'function' ? (value, options) => String(inspect(value, options)) : undefined;
};
