import { stepsAt } from './steps.js';
import { budgeaVendor, finicityVendor } from './vendor.js';

/**
 * The program that every server runs: a product with both vendors.
 *
 * @param {import('../settings.ts').Settings} settings
 * @returns {Promise<readonly import('../runtime.ts').Result[]>}
 */
export const server = async ({ finicity, budgea, stranger }) => [
  ...(await stepsAt(finicityVendor(finicity), stranger)),
  ...(await stepsAt(await budgeaVendor(budgea), stranger)),
];
