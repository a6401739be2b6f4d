import { describe, expect, it } from 'vitest';
import type { TokenContext } from '../token-source.ts';
import { scriptedSource } from './scripted-source.ts';

const context: TokenContext = { signal: new AbortController().signal, refreshToken: 'r1', saveRefreshToken: async () => {} };
const token = { value: 'a', issuedAt: 0, expiresAt: null };

describe('scriptedSource', () => {
  it('answers in order: tokens, errors, and what functions decide', async () => {
    const down = new Error('down');
    const source = scriptedSource([token, down, ({ refreshToken }) => ({ ...token, value: `from ${refreshToken}` })]);
    expect(await source.token(context)).toBe(token);
    await expect(source.token(context)).rejects.toBe(down);
    expect(await source.token(context)).toEqual({ ...token, value: 'from r1' });
    expect(source.calls).toEqual([context, context, context]);
  });

  it('rejects at the end of its script, and counts that call too', async () => {
    const source = scriptedSource([]);
    await expect(source.token(context)).rejects.toThrow('scriptedSource has 0 results, but this is call 1. Add a result.');
    expect(source.calls).toHaveLength(1);
  });
});
