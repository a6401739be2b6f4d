/**
 * All that a value says to whoever prints, sends or looks through it.
 *
 * @param {unknown} value
 * @returns {readonly string[]}
 */
export const textsOf = (value) => [
  String(value),
  JSON.stringify(value) ?? '',
  ...inspections().map((inspect) => inspect(value, { depth: 100, showHidden: true })),
  ...reachable(value),
];

/**
 * The texts in which one of the secrets stands: in clear, or behind base64 as the store's entries have it.
 *
 * @param {readonly string[]} texts
 * @param {readonly string[]} secrets
 * @returns {readonly string[]}
 */
export const leaksIn = (texts, secrets) =>
  texts.filter((text) => [text, ...text.split('.').map(decoded)].some((form) => secrets.some((secret) => form.includes(secret))));

/** What they have is no property of theirs. */
const COLLECTIONS = [Map, Set, Headers, URLSearchParams];

/** Node's, Bun's and Deno's; workerd and pages have none. */
const inspections = () =>
  [globalThis.Deno?.inspect, globalThis.Bun?.inspect, globalThis.process?.getBuiltinModule?.('node:util')?.inspect].filter(
    (inspect) => inspect !== undefined,
  );

/** Every text that properties lead to, hidden ones too, such as the message and the stack of an error, and what collections have inside. */
const reachable = (value, seen = new Set()) => {
  if (typeof value === 'string') return [value];
  if (value === null || !['object', 'function'].includes(typeof value) || seen.has(value)) return [];
  seen.add(value);
  return [
    ...Reflect.ownKeys(value).flatMap((key) => [String(key), ...reachable(memberOf(value, key), seen)]),
    ...(COLLECTIONS.some((type) => value instanceof type) ? reachable([...value], seen) : []),
  ];
};

/** `caller` of a strict function may not be asked for. */
const memberOf = (value, key) => {
  try {
    return value[key];
  } catch {
    return undefined;
  }
};

const decoded = (part) => {
  try {
    return atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
};
