import { AuthError } from '../errors.ts';

/** Answers a function that throws `foreign_origin` for a URL on another origin than the base URL's. */
export const originGuard = (provider: string, baseUrl: string): ((url: string) => void) => {
  const { origin } = new URL(baseUrl);
  const within = `${origin}/`;
  return (url) => {
    // Behind the slash everything is path, so most requests need no parser.
    if (url.startsWith(within) || new URL(url).href.startsWith(within)) return;
    throw new AuthError(`Refused to prove itself to ${new URL(url).origin}: this authority is for ${origin} only.`, {
      code: 'foreign_origin',
      provider,
      operation: 'authorize',
    });
  };
};

/** A frozen copy. Throws where a value fits into no header: the runtime's own error about it would quote it. */
export const frozenHeaders = (headers: Readonly<Record<string, string>>, unusable: () => AuthError): Readonly<Record<string, string>> => {
  if (Object.values(headers).some((value) => /[^\x20-\x7e]/.test(value))) throw unusable();
  return Object.freeze({ ...headers });
};
