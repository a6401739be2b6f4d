import { AuthError } from '../errors.ts';
import { foreignMessage } from '../foreign-origin.ts';

/** Returns a function that throws `foreign_origin` for a URL that is not on the base URL's origin. */
export const originGuard = (provider: string, baseUrl: string): ((url: string) => void) => {
  const { origin } = new URL(baseUrl);
  const within = `${origin}/`;
  return (url) => {
    // After the slash everything is path, so most requests need no parser.
    if (url.startsWith(within)) return;
    const parsed = new URL(url);
    if (parsed.href.startsWith(within)) return;
    throw new AuthError(foreignMessage(parsed, origin), {
      code: 'foreign_origin',
      provider,
      operation: 'authorize',
    });
  };
};

/** A frozen copy. Throws if a value does not fit into a header: the runtime's own error would quote the value. */
export const frozenHeaders = (headers: Readonly<Record<string, string>>, unusable: () => AuthError): Readonly<Record<string, string>> => {
  if (Object.values(headers).some((value) => /[^\x20-\x7e]/.test(value))) throw unusable();
  return Object.freeze({ ...headers });
};
