/** Begins every key in a shared store. */
const PREFIX = 'aggregator-auth:1:';

/** The key in the store: injective in the parts, and without any of them in clear. */
export const storageKey = async (...parts: readonly string[]): Promise<string> => `${PREFIX}${await digest(JSON.stringify(parts))}`;

/** SHA-256 as base64url. */
export const digest = async (text: string): Promise<string> => {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
};
