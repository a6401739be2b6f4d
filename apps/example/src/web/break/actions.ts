import type { Action } from './action.ts';
import { clientActions } from './client-actions.ts';
import { repairActions } from './repair-actions.ts';
import { secretActions } from './secret-actions.ts';
import { vendorActions } from './vendor-actions.ts';

/** Everything that can go wrong here, in the order of the page. */
export const actions: readonly Action[] = [...vendorActions, ...secretActions, ...clientActions, ...repairActions];
