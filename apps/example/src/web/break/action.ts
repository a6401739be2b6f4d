import type { AuthErrorCode } from '@auth/core';
import type { Provider } from '../../providers.ts';
import type { WireSandbox } from '../../wire.ts';
import type { Product } from '../product.ts';

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

/** What a product saw of it, and what the vendor saw. */
export interface Counted {
  readonly calls: number;
  readonly failed: number;
  readonly code: AuthErrorCode | undefined;
  /** At the vendor: all requests but those for data. */
  readonly tokenRequests: number;
  readonly dataRequests: number;
  readonly milliseconds: number;
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
