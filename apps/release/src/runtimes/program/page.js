import { budgea } from '@auth/budgea';
import { AuthError, managed } from '@auth/core';
import { tokenAuthority } from '@auth/core/kit';
import { finicity } from '@auth/finicity';
import { stepsAt } from './steps.js';

/**
 * The program of a page at the vendor's origin: core with tokens that the page's server hands out, and both providers, which have to
 * refuse to be there.
 *
 * @param {import('../settings.ts').Settings} settings
 * @returns {Promise<readonly import('../runtime.ts').Result[]>}
 */
const page = async ({ finicity: first, budgea: second, stranger }) => [
  ...(await stepsAt(pageVendor(second), stranger)),
  guarded('partnerSecret', first.credentials.partnerSecret, () => finicity({ ...first.credentials, baseUrl: first.url })),
  guarded('clientSecret', second.credentials.clientSecret, () => budgea({ ...second.credentials, baseUrl: second.url })),
];
globalThis.page = page;

/** @returns {import('./vendor.js').Vendor} */
const pageVendor = ({ url, credentials }) => {
  const client = (source, runtime) => {
    const tokens = managed(source, { ...runtime, key: 'page' });
    const authority = tokenAuthority({
      provider: 'page',
      baseUrl: url,
      transport: (input, init) => fetch(input, init),
      tokens,
      headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
      isTokenRefused: async ({ status }) => status === 401,
    });
    return { authority, shown: [tokens, authority], end: () => tokens[Symbol.asyncDispose]() };
  };
  const token = async () => ({ value: await globalThis.askForToken(), issuedAt: Date.now(), expiresAt: null });
  // An error of somebody else's, with everything in it.
  const refused = () => Promise.reject(new TypeError(`Refused: ${credentials.clientSecret}`));
  return {
    name: 'The page',
    url,
    path: 'users/me/connections',
    list: 'connections',
    tokenPath: '/2.0/auth/renew',
    secrets: [credentials.clientSecret],
    client: (runtime) => client({ token }, runtime),
    refusedClient: () => client({ token: refused }, {}),
    refusal: 'unavailable',
    hidesRedirects: true,
  };
};

/** The same options make a provider on every server, so it is the page that is refused. */
const guarded = (option, secret, make) => {
  try {
    make();
  } catch (error) {
    const isRight = AuthError.is(error, 'misconfigured') && error.message.includes(`${option} `) && error.message.includes('in a browser');
    const isSilent = !error.message.includes(secret);
    if (isRight && isSilent) return { step: 'guard', ok: true };
    return { step: 'guard', ok: false, detail: `${option}: ${isSilent ? 'another error was thrown' : 'the error has the secret'}.` };
  }
  return { step: 'guard', ok: false, detail: `${option}: a provider was made.` };
};
