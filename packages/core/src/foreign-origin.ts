import { AuthError } from './errors.ts';

/** Why credentials are not sent to a text, seen from a URL. Quotes nothing of it but an origin. */
export const foreignOrigin = (text: string, from: string, own: string): Error => {
  let url: URL;
  try {
    url = new URL(text, from);
  } catch {
    return new TypeError('The input or redirect is not a URL.');
  }
  return new AuthError(foreignMessage(url, own), { code: 'foreign_origin', provider: 'core', operation: 'authorizedFetch' });
};

/** The same as a sentence. */
export const foreignMessage = ({ origin, protocol }: URL, own: string): string => {
  if (origin === own && protocol !== 'blob:')
    return `Refused a URL with a user name or a password. Leave them out: ${own} gets the authority's.`;
  const what = origin === 'null' || protocol === 'blob:' ? `a ${protocol} URL` : origin;
  return `Refused to send credentials to ${what}: they are for ${own} only. Use a plain fetch for other hosts.`;
};
