import { bundled, ON_DEMAND } from '@auth/scripts/bundle';
import type { Use } from './peers/peer.ts';

/** Bundles and minifies a use, with everything that it imports. What matches `onDemand` is loaded later and stays out. */
export const bundleOf = async ({ names, from }: Use, onDemand: readonly RegExp[] = ON_DEMAND): Promise<string> => {
  const code = await bundled(`export { ${names} } from ${JSON.stringify(from)};`, onDemand, 'node');
  // The bundler leaves out what it cannot find, and a bundle of nothing would win.
  if (code.includes(`from${JSON.stringify(from)}`)) throw new Error(`${from} was not found. The bench has to run in its own folder.`);
  return code;
};
