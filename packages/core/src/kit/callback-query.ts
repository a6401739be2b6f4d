/** The query of a callback URL, as it was received. */
export interface CallbackParameters {
  /** Every non-empty value of this name, decoded, in order. A `+` stays a `+`, because codes and tokens contain it. */
  readonly values: (name: string) => readonly string[];
}

/** Reads the query of a URL, absolute or as a server sees it (`/callback?state=…`). Text that is wrongly encoded stays as it is. */
export const readCallback = (callbackUrl: string): CallbackParameters => {
  const [withoutFragment = ''] = callbackUrl.split('#', 1);
  const start = withoutFragment.indexOf('?');
  const pairs = start < 0 ? [] : withoutFragment.slice(start + 1).split('&');
  const parameters = pairs.map((pair) => {
    const [name = ''] = pair.split('=', 1);
    return { name: decoded(name), value: decoded(pair.slice(name.length + 1)) };
  });
  return { values: (wanted) => parameters.flatMap(({ name, value }) => (name === wanted && value !== '' ? [value] : [])) };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
