import type { CallOptions } from '@auth/core';
import { aborted } from './errors.ts';
import { isName } from './names.ts';
import type { Found, Renewal } from './renewal.ts';

/** How far a re-encryption is. */
export interface RekeyProgress {
  /** Keys that were looked at. */
  readonly done: number;
  /** Entries that are under the first key now and were not before. */
  readonly rewritten: number;
  /** Entries that are still under another key: others wrote to them all the time, or they are about to end. Above 0, run it again. */
  readonly left: number;
}

/** What a re-encryption may be given. */
export interface RekeyOptions extends CallOptions {
  /** Called after each key. */
  readonly onProgress?: ((progress: RekeyProgress) => void) | undefined;
}

/** What it works with. */
export interface RekeyParts {
  readonly renewal: Renewal;
  readonly nameOf: (key: string) => string | Promise<string>;
  /** `undefined` where there is no entry. */
  readonly find: (name: string) => Promise<(Found & { readonly isCurrent: boolean }) | undefined>;
}

/** Others may write to an entry between the look at it and the write. */
const TRIES = 3;

export const rekeyAll = async (
  keys: AsyncIterable<string> | Iterable<string>,
  { renewal, nameOf, find }: RekeyParts,
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

  let progress: RekeyProgress = { done: 0, rewritten: 0, left: 0 };
  for await (const key of keys) {
    if (signal?.aborted) throw aborted();
    const result = await rekeyOne(isName(key) ? key : await nameOf(key));
    progress = {
      done: progress.done + 1,
      rewritten: progress.rewritten + (result === 'rewritten' ? 1 : 0),
      left: progress.left + (result === 'left' ? 1 : 0),
    };
    onProgress?.(progress);
  }
  return progress;
};
