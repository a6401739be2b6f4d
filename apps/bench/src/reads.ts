// What is read beside the peers' tokens, by the name that it has in tables.
export const FLOOR = 'floor';
export const SYNC_FLOOR = 'a field and its expiry';
export const PEEK = '@auth/core, `peek()`';

/** Medians of one process, by name: nanoseconds, and how many times the floor that is. */
export type Reads = Readonly<Record<string, { readonly time: number; readonly ratio: number }>>;
