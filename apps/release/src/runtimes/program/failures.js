import { budgea } from '@auth/budgea';
import { AuthError } from '@auth/core';
import { expect } from './expect.js';

/**
 * A call that must not be repeated, to where it cannot get.
 *
 * @param {import('../settings.ts').Settings['budgea']} settings
 * @param {string} url
 * @param {boolean} tellsPhases Whether the runtime tells what failed; otherwise the outcome has to count as unknown.
 * @returns {Promise<import('../runtime.ts').Result>}
 */
export const failures = async ({ credentials: { domain, clientId, clientSecret } }, url, tellsPhases) => {
  const provider = budgea({ domain, clientId, clientSecret, baseUrl: url });
  const error = await provider.users.create({ reference: 'customer-18' }).catch((reason) => reason);
  await provider[Symbol.asyncDispose]();
  const shown = `${error?.code}, ${error?.vendorCode}: ${error?.message}`;
  try {
    expect(AuthError.is(error, tellsPhases ? 'unavailable' : 'outcome_unknown'), `${url} ended with ${shown}`);
    const isTold = error.message.includes('Nothing was sent') && /^[A-Z_\d]+$/.test(error.vendorCode);
    expect(isTold === tellsPhases, `${url} was told as ${shown}`);
    return { step: 'failures', ok: true };
  } catch ({ message }) {
    return { step: 'failures', ok: false, detail: message };
  }
};
