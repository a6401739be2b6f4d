import type { Clock, Store, StoreEntry } from '@auth/core';
import type { Content, Envelope } from './envelope.ts';

/** An entry of the inner store with what is inside. */
export interface Found {
  readonly name: string;
  readonly entry: StoreEntry;
  readonly content: Content;
}

/** Re-encrypts entries under the first key. */
export interface Renewal {
  /** Whether a read may re-encrypt this entry. */
  readonly isDue: (found: Found) => boolean;
  /** `late`: the entry's life is over by this clock, so nobody can say how much is left. `lost`: another write came in between. */
  readonly renew: (found: Found) => Promise<'renewed' | 'late' | 'lost'>;
}

/** Milliseconds. An entry that ends within this time needs no new key, and is often a lease. */
const SOON = 60_000;

/** Milliseconds. While a new first key is rolled out, processes disagree about which key is older: entries must not go back and forth. */
const AT_MOST_EVERY = 3_600_000;

export const createRenewal = (store: Store, { seal }: Envelope, clock: Clock): Renewal => ({
  isDue: ({ content }) => {
    const since = content.moved === null ? AT_MOST_EVERY : clock.now() - content.moved.at;
    return since >= AT_MOST_EVERY && (remaining(content, clock.now()) ?? 0) > SOON;
  },
  renew: async ({ name, entry, content }) => {
    const now = clock.now();
    const ttl = remaining(content, now);
    if (ttl === undefined) return 'late';
    const text = await seal(name, { ...content, moved: { version: versionOf({ entry, content }), at: now } });
    const options = { ifVersion: entry.version, ttl: ttl === Number.POSITIVE_INFINITY ? undefined : ttl };
    return (await store.write(name, text, options)) === undefined ? 'lost' : 'renewed';
  },
});

/** The version that callers know. It survives a re-encryption, or a mere read would lose a lease. */
export const versionOf = ({ entry, content }: Pick<Found, 'entry' | 'content'>): string => content.moved?.version ?? entry.version;

/** The life that is left in milliseconds, never more than was given; `undefined` if the clock was set back or says that it is over. */
const remaining = ({ life }: Content, now: number): number | undefined => {
  if (life === null) return Number.POSITIVE_INFINITY;
  const elapsed = now - life.writtenAt;
  return elapsed >= 0 && elapsed < life.ttl ? life.ttl - elapsed : undefined;
};
