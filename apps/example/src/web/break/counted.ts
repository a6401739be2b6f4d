import type { AuthErrorCode } from '@auth/core';
import { callAtOnce } from '../../calls.ts';
import { vendors } from '../../vendors.ts';
import type { Counted, Scene } from './action.ts';

/** What `run` came to. */
export interface Run {
  readonly calls: number;
  readonly failed: number;
  readonly code?: AuthErrorCode | undefined;
}

/** Counts what goes over the wire while it runs. */
export const counted = async ({ sandbox, provider }: Scene, run: () => Promise<Run>): Promise<Counted> => {
  const before = sandbox.calls.length;
  const started = performance.now();
  const { calls, failed, code } = await run();
  const milliseconds = Math.round(performance.now() - started);
  const dataPath = new URL(vendors[provider.id].path, provider.baseUrl).pathname;
  const seen = sandbox.calls.slice(before);
  const dataRequests = seen.filter(({ path }) => path === dataPath).length;
  return { calls, failed, code, tokenRequests: seen.length - dataRequests, dataRequests, milliseconds };
};

/** So many calls at once, several times. */
export const callRounds = async ({ provider, userId }: Scene, ...rounds: readonly number[]): Promise<Run> => {
  let sum: Run = { calls: 0, failed: 0 };
  for (const asked of rounds) {
    const { failed, error } = await callAtOnce(provider, userId, asked);
    sum = { calls: sum.calls + asked, failed: sum.failed + failed, code: sum.code ?? error?.code };
  }
  return sum;
};

/** What the engine made of it, where it came to what was meant; else what came in between, of an earlier button for instance. */
export const madeOf = ({ calls, failed, code }: Run, meant: { readonly code?: AuthErrorCode; readonly made: string }): string => {
  if (code === meant.code && (meant.code !== undefined || failed === 0)) return meant.made;
  const what = failed === 0 ? `All ${calls} calls got their answer` : `${failed} of ${calls} calls failed${code ? ` with ${code}` : ''}`;
  return `It did not come to that. ${what}. “Mend everything” takes away what is still wrong.`;
};

/** The product loses its token, as at the end of its life, so that the next call needs another. */
export const loseToken = async ({ provider, userId }: Scene): Promise<void> => {
  const authority = provider.asUser(userId);
  const token = authority.peek();
  if (token !== undefined) await authority.invalidate(token);
};
