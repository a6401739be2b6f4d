import { describe, expect, it } from 'vitest';
import { hashAtOnce } from '../../../test/stepping-clock.ts';
import type { Store, TokenSource } from '../../index.ts';
import { managed, memoryStore } from '../../index.ts';
import { fakeClock } from '../../testing/index.ts';

hashAtOnce();

describe('a single-use refresh token', () => {
  it('is not sent by a process that stood still before it could mark it as sent, while another one used it', async () => {
    const clock = fakeClock();
    const memory = memoryStore({ clock });
    const sent: (string | null)[] = [];
    const source: TokenSource = {
      token: async ({ refreshToken, saveRefreshToken }) => {
        sent.push(refreshToken);
        await saveRefreshToken(`after ${refreshToken}`);
        return { value: `token for ${refreshToken}`, issuedAt: clock.now(), expiresAt: null };
      },
    };
    const open = (store: Store) => managed(source, { store, key: 'acme', clock, singleUse: true });
    const other = open(memory);

    let isStalled = false;
    const stalling: Store = {
      read: memory.read,
      write: async (key, value, options) => {
        if (value !== undefined && !key.endsWith(':lease') && !isStalled) {
          isStalled = true;
          // Its lease runs out meanwhile, and another process takes its turn.
          await memory.write(`${key}:lease`, undefined);
          await other.token();
        }
        return memory.write(key, value, options);
      },
    };
    const adopted = { value: 'adopted', issuedAt: clock.now(), expiresAt: null };
    await other.adopt(adopted, 'g0');
    await other.invalidate(adopted);
    await open(stalling)
      .token()
      .catch(() => {});
    expect(isStalled).toBe(true);
    expect(sent).toEqual(['g0']);
  });

  /** One subject with the refresh token `g0`, whose token was refused; `act` says what a write of its entry does. */
  const setUp = async () => {
    const clock = fakeClock();
    const memory = memoryStore({ clock });
    let act = (write: () => Promise<string | undefined>, _text: string): Promise<string | undefined> => write();
    const store: Store = {
      read: memory.read,
      write: (key, value, options) => {
        const write = () => memory.write(key, value, options);
        return value === undefined || key.endsWith(':lease') ? write() : act(write, value);
      },
    };
    const sent: (string | null)[] = [];
    const source: TokenSource = {
      token: async ({ refreshToken, saveRefreshToken }) => {
        sent.push(refreshToken);
        await saveRefreshToken(`after ${refreshToken}`);
        return { value: `token for ${refreshToken}`, issuedAt: clock.now(), expiresAt: null };
      },
    };
    const tokens = managed(source, { store, key: 'acme', clock, singleUse: true });
    const adopted = { value: 'adopted', issuedAt: clock.now(), expiresAt: null };
    await tokens.adopt(adopted, 'g0');
    await tokens.invalidate(adopted);
    return {
      tokens,
      sent,
      writesDo: (next: typeof act) => {
        act = next;
      },
      over: async <T>(work: Promise<T>): Promise<T | string> => {
        const outcome = work.catch((error: unknown) => String(error));
        await clock.settle(10_000);
        return outcome;
      },
      pass: (milliseconds: number) => clock.settle(milliseconds),
    };
  };
  const lost = (): never => {
    throw new Error('The answer was lost.');
  };

  it('is sent although the answer to the mark that it is being sent was lost', async () => {
    const { tokens, sent, writesDo, over } = await setUp();
    let losses = 0;
    writesDo(async (write) => {
      const version = await write();
      if (losses > 0) return version;
      losses += 1;
      return lost();
    });
    expect(await over(tokens.token())).toMatchObject({ value: 'token for g0' });
    expect([losses, sent]).toEqual([1, ['g0']]);
  });

  it('is sent later by the process that could not tell whether its mark was written, as it knows that nothing was sent', async () => {
    const { tokens, sent, writesDo, over, pass } = await setUp();
    let isMarked = false;
    writesDo(async (write) => {
      if (!isMarked) await write();
      isMarked = true;
      return lost();
    });
    expect(await over(tokens.token())).toContain('failed with Error');
    expect([isMarked, sent]).toEqual([true, []]);
    writesDo((write) => write());
    await pass(5_000);
    expect(await over(tokens.token())).toMatchObject({ value: 'token for g0' });
    expect(sent).toEqual(['g0']);
  });

  it('is kept once, whether the answer to that was lost or not', async () => {
    const { tokens, sent, writesDo, over } = await setUp();
    let losses = 0;
    writesDo(async (write, text) => {
      const version = await write();
      if (!text.includes('after g0') || losses > 0) return version;
      losses += 1;
      return lost();
    });
    const token = await over(tokens.token());
    expect(token).toMatchObject({ value: 'token for g0' });
    writesDo((write) => write());
    if (typeof token !== 'string') await tokens.invalidate(token);
    expect(await over(tokens.token())).toMatchObject({ value: 'token for after g0' });
    expect([losses, sent]).toEqual([1, ['g0', 'after g0']]);
  });

  it('gives way to one that was adopted after it could not be kept', async () => {
    const { tokens, sent, writesDo, over, pass } = await setUp();
    writesDo((write, text) => (text.includes('after') ? lost() : write()));
    expect(await over(tokens.token())).toContain('failed with Error');
    writesDo((write) => write());
    await pass(5_000);
    const adopted = { value: 'adopted again', issuedAt: 0, expiresAt: null };
    await tokens.adopt(adopted, 'g1');
    await tokens.invalidate(adopted);
    expect(await over(tokens.token())).toMatchObject({ value: 'token for g1' });
    expect(sent).toEqual(['g0', 'g1']);
  });
});
