/// <reference lib="esnext.disposable" preserve="true" />

import { createEngine, type Handle } from '../engine/engine.ts';
import type { ManagedOptions, TokenSource } from '../managed.ts';

/** The tokens of many subjects of one account. */
export interface ManagedMany {
  /** A throw-away view: two of one id share one token and one flight. */
  readonly of: (id: string) => ManagedSubject;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** One subject's token: as `managed`, and what is stored of it. */
export type ManagedSubject = Handle;

/**
 * Like `managed`, for as many subjects as there are: clock, store, windows and guard are shared.
 *
 * @example
 * ```ts
 * const tokens = managedMany((userId) => ({ token: ({ signal }) => renew(userId, signal) }), { store, key: 'acme' });
 * await tokens.of('17').token();
 * ```
 */
export const managedMany = (sourceOf: (id: string) => TokenSource, options: ManagedOptions = {}): ManagedMany =>
  createEngine(sourceOf, options);
