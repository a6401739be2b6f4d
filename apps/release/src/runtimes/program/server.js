import { failures } from './failures.js';
import { stepsAt } from './steps.js';
import { budgeaVendor, finicityVendor } from './vendor.js';

/**
 * The program that every server runs: a product with both vendors.
 *
 * @param {import('../settings.ts').Settings} settings
 * @param {object} [options]
 * @param {boolean} [options.tellsPhases] Whether the runtime tells what failed.
 * @returns {Promise<readonly import('../runtime.ts').Result[]>}
 */
export const server = async ({ finicity, budgea, stranger, unreachable }, { tellsPhases = true } = {}) => [
  ...(await stepsAt(finicityVendor(finicity), stranger)),
  ...(await stepsAt(await budgeaVendor(budgea), stranger)),
  // workerd complains at length of more than that.
  ...(await Promise.all(unreachable.slice(0, tellsPhases ? undefined : 1).map((url) => failures(budgea, url, tellsPhases)))),
];
