import type { Token } from '../authority.ts';
import type { TokenContext, TokenSource } from '../token-source.ts';

/** One answer of the source: a token, an error to reject with, or a function that decides. */
export type ScriptedResult = Token | Error | ((context: TokenContext) => Token | Promise<Token>);

/** A source that follows a script, and the record of its calls. */
export interface ScriptedSource extends TokenSource {
  /** The contexts of all calls so far, oldest first. */
  readonly calls: readonly TokenContext[];
}

/**
 * A token source for tests: answers in the given order and rejects when the script has ended.
 *
 * @example
 * ```ts
 * const source = scriptedSource([{ value: 'first', issuedAt: 0, expiresAt: 7_200_000 }, new Error('down')]);
 * ```
 */
export const scriptedSource = (results: readonly ScriptedResult[]): ScriptedSource => {
  const calls: TokenContext[] = [];
  return {
    calls,
    token: async (context) => {
      const result = results[calls.length];
      calls.push(context);
      if (result === undefined)
        throw new Error(`scriptedSource has ${results.length} results, but this is call ${calls.length}. Add a result.`);
      if (result instanceof Error) throw result;
      return typeof result === 'function' ? result(context) : result;
    },
  };
};
