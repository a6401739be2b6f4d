import type { AuthEvent } from '@auth/core';

/** Tells whoever listens what the engine does. */
export interface EventBus {
  /** For `observe`. */
  readonly publish: (event: AuthEvent) => void;
  /** Oldest first, the latest ones. */
  readonly recent: () => readonly AuthEvent[];
  /** Call the result to stop listening. What a listener throws is its own affair. */
  readonly subscribe: (listener: (event: AuthEvent) => void) => () => void;
}

/** Keeps the latest events and tells each to all who listen. */
export const createEventBus = ({ limit = 300 }: { readonly limit?: number } = {}): EventBus => {
  let events: readonly AuthEvent[] = [];
  const listeners = new Set<(event: AuthEvent) => void>();
  return {
    publish: (event) => {
      events = [...events, event].slice(-limit);
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch {
          // One page that went away must not keep the news from the others.
        }
      }
    },
    recent: () => events,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
