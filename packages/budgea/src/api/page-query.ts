/** A value in a query. A list is sent as one text with commas. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

/**
 * The query of a page's URL. Every value is percent-encoded: codes contain `+` and `/`, and `URLSearchParams` would write a space as `+`,
 * which not every decoder reads as a space.
 */
export const pageQuery = (parameters: Readonly<Record<string, QueryValue>>): string =>
  Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`]))
    .join('&');
