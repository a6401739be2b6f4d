import { describe, expect, it } from 'vitest';
import type { Store, TokenSource } from '../../index.ts';
import { managed, memoryStore } from '../../index.ts';
import { fakeClock } from '../../testing/index.ts';

describe('a grant that can be used once', () => {
  it('is not sent by a process that stood still before it could mark it as sent, while another one used it', async () => {
    const clock = fakeClock();
    const memory = memoryStore({ clock });
    const sent: (string | null)[] = [];
    const source: TokenSource = {
      token: async ({ grant, keep }) => {
        sent.push(grant);
        await keep(`after ${grant}`);
        return { value: `token for ${grant}`, issuedAt: clock.now(), expiresAt: null };
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
});
