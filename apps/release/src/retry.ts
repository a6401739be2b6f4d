import { setTimeout } from 'node:timers/promises';

/** Seconds between looks: five minutes in all. */
const PAUSES = [2, 4, 8, 16, 30, 60, 60, 60, 60];

/**
 * Looks until there is nothing to complain of, as registries hand out a version some time after they took it. When the patience is over, the
 * complaints of the last look are the answer; a look that rejects counts as one complaint.
 */
export const retried = async (
  look: () => Promise<readonly string[]>,
  pause: (seconds: number) => Promise<void> = (seconds) => setTimeout(seconds * 1_000),
): Promise<readonly string[]> => {
  const complaints = (): Promise<readonly string[]> =>
    look().catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);
  let last = await complaints();
  for (const seconds of PAUSES) {
    if (last.length === 0) break;
    await pause(seconds);
    last = await complaints();
  }
  return last;
};
