import type { CallOptions } from '@auth/core';
import { aborted } from './errors.ts';
import { isName } from './names.ts';
import type { Found, Renewal } from './renewal.ts';

/** The progress of a re-encryption. */
export interface RekeyProgress {
  /** Keys that were processed. */
  readonly done: number;
  /** Entries that are now under the first key and were not before. */
  readonly rewritten: number;
  /** Entries that are still under another key: others kept writing to them, or they are about to end. If above 0, run it again. */
  readonly left: number;
  /**
   * Entries that the inner store has under these keys in clear, from before it was encrypted. Nothing reads them any more: delete them
   * there.
   */
  readonly inClear: number;
}

/** Options of a re-encryption. */
export interface RekeyOptions extends CallOptions {
  /** Called after each key. */
  readonly onProgress?: ((progress: RekeyProgress) => void) | undefined;
}

/** What a re-encryption needs. */
export interface RekeyParts {
  readonly renewal: Renewal;
  readonly nameOf: (key: string) => string | Promise<string>;
  /** `undefined` where there is no entry. */
  readonly find: (name: string) => Promise<(Found & { readonly isCurrent: boolean }) | undefined>;
  /** Whether the inner store has an entry under this very key. */
  readonly isInClear: (key: string) => Promise<boolean>;
}

/** Tries for one entry: others may write to it between the read and the write. */
const TRIES = 3;

export const rekeyAll = async (
  keys: AsyncIterable<string> | Iterable<string>,
  { renewal, nameOf, find, isInClear }: RekeyParts,
  { onProgress, signal }: RekeyOptions,
): Promise<RekeyProgress> => {
  const rekeyOne = async (name: string): Promise<'rewritten' | 'left' | undefined> => {
    for (let left = TRIES; left > 0; left -= 1) {
      const found = await find(name);
      if (found === undefined || found.isCurrent) return undefined;
      const result = await renewal.renew(found);
      if (result !== 'lost') return result === 'renewed' ? 'rewritten' : 'left';
    }
    return 'left';
  };

  const one = async (key: string): Promise<keyof RekeyProgress | undefined> => {
    if (isName(key)) return rekeyOne(key);
    return (await rekeyOne(await nameOf(key))) ?? ((await isInClear(key)) ? 'inClear' : undefined);
  };

  let progress: RekeyProgress = { done: 0, rewritten: 0, left: 0, inClear: 0 };
  for await (const key of keys) {
    if (signal?.aborted) throw aborted();
    const result = await one(key);
    progress = { ...progress, done: progress.done + 1, ...(result && { [result]: progress[result] + 1 }) };
    onProgress?.(progress);
  }
  return progress;
};
