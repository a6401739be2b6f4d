import type { AuthErrorCode } from '@auth/core';
import type { Provider } from '../../providers.ts';
import type { WireSandbox } from '../../wire.ts';
import type { Product } from '../product.ts';
import { clientActions } from './client-actions.ts';
import type { Counted } from './counted.ts';
import { repairActions } from './repair-actions.ts';
import { secretActions } from './secret-actions.ts';
import { vendorActions } from './vendor-actions.ts';

/** Something that goes wrong on demand. */
export interface Action {
  readonly id: string;
  /** On the button. */
  readonly label: string;
  /** What the button does. */
  readonly does: string;
  /** Absent where this vendor or this setup cannot do it. */
  readonly isPossible: (scene: Scene) => boolean;
  readonly run: (scene: Scene) => Promise<Outcome>;
}

/** Where it goes wrong. */
export interface Scene {
  readonly product: Product;
  readonly provider: Provider;
  readonly sandbox: WireSandbox;
  /** On whose behalf calls are made, by the vendor's id. */
  readonly userId: string;
}

/** What came of it. */
export interface Outcome extends Counted {
  /** What was done, in the past tense. */
  readonly did: string;
  /** What the engine made of it. */
  readonly made: string;
}

/** An outcome for the page. */
export interface BreakResult extends Outcome {
  readonly action: string;
  readonly code: AuthErrorCode | undefined;
}

/** Everything that can go wrong here, in the order of the page. */
export const actions: readonly Action[] = [...vendorActions, ...secretActions, ...clientActions, ...repairActions];
