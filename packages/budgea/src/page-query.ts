/** What a query can hold. A list is sent as one text with commas. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

/**
 * The query of a page's URL. Every value is percent-encoded: codes contain `+` and `/`, and not every decoder reads a `+` as a blank, which
 * is what `URLSearchParams` would write.
 */
export const pageQuery = (parameters: Readonly<Record<string, QueryValue>>): string =>
  Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`]))
    .join('&');
