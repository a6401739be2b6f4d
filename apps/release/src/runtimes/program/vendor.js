import { budgea } from '@auth/budgea';
import { finicity } from '@auth/finicity';

/**
 * One vendor, as the steps see it.
 *
 * @typedef {object} Vendor
 * @property {string} name
 * @property {string} url Where its sandbox is.
 * @property {string} path A call that needs a token, from `url` on.
 * @property {string} list What that answers.
 * @property {string} tokenPath Where tokens come from, as the sandbox logs it.
 * @property {readonly string[]} secrets What nobody may ever see, beside the tokens.
 * @property {(runtime: object) => Client} client What a product makes of it, with this store and this observer.
 * @property {() => Client} refusedClient One whose secret is refused.
 * @property {string} refusal The code that this fails with.
 * @property {boolean} hidesRedirects Whether the runtime keeps to itself where a redirect leads, as browsers do.
 *
 * @typedef {object} Client
 * @property {import('@auth/core').TokenAuthority} authority
 * @property {readonly unknown[]} shown What a product could print by mistake.
 * @property {() => Promise<void>} end
 */

/** No vendor ever gave it to anybody. */
const WRONG_SECRET = 'a-wrong-secret-0';

/**
 * Finicity: one token for all customers.
 *
 * @param {import('../settings.ts').Settings['finicity']} settings
 * @returns {Vendor}
 */
export const finicityVendor = ({ url, credentials }) => {
  const make = (options) => clientOf(finicity({ ...credentials, customers: 'testing', baseUrl: url, ...options }), '1005061234');
  return {
    name: 'Finicity',
    url,
    path: 'institution/v2/institutions?limit=1',
    list: 'institutions',
    tokenPath: '/aggregation/v2/partners/authentication',
    secrets: [credentials.partnerSecret, credentials.appKey, WRONG_SECRET],
    client: make,
    refusedClient: () => make({ partnerSecret: WRONG_SECRET }),
    refusal: 'invalid_credentials',
    hidesRedirects: false,
  };
};

/**
 * Budgea: a token for each user. The user is created by another process, so that the client has no token of it yet.
 *
 * @param {import('../settings.ts').Settings['budgea']} settings
 * @returns {Promise<Vendor>}
 */
export const budgeaVendor = async ({ url, credentials }) => {
  const { domain, clientId, clientSecret } = credentials;
  const provider = (options) => budgea({ domain, clientId, clientSecret, baseUrl: url, ...options });
  const accounts = provider({});
  const user = await accounts.users.create({ reference: 'customer-17' });
  await accounts[Symbol.asyncDispose]();
  return {
    name: 'Budgea',
    url,
    path: 'users/me/connections',
    list: 'connections',
    tokenPath: '/2.0/auth/renew',
    secrets: [clientSecret, WRONG_SECRET],
    client: (options) => clientOf(provider(options), user.id),
    refusedClient: () => clientOf(provider({ clientSecret: WRONG_SECRET }), user.id),
    refusal: 'invalid_credentials',
    hidesRedirects: false,
  };
};

const clientOf = (provider, userId) => {
  const authority = provider.asUser(userId);
  return { authority, shown: [provider, authority], end: () => provider[Symbol.asyncDispose]() };
};
