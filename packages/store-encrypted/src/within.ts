import type { Clock } from '@auth/core';

/** What comes of the work, if it comes in time; else rejects, and the work goes on. */
export const within = async <T>(clock: Clock, milliseconds: number, work: Promise<T>): Promise<T> => {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(milliseconds, () => reject(new Error('It took too long.')), { ref: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
};
