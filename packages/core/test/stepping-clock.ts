import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, vi } from 'vitest';
import type { FakeClock } from '../src/testing/index.ts';
import { fakeClock } from '../src/testing/index.ts';

/** Everything that can go on without time goes on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A `fakeClock` that settles in one turn per timer: fast, and always the same. Only under `hashAtOnce`. */
export const steppingClock = (now: number): FakeClock => {
  const inner = fakeClock({ now });
  const due = new Map<object, number>();
  return {
    ...inner,
    after: (milliseconds, run) => {
      const timer = {};
      due.set(timer, inner.monotonic() + Math.max(0, milliseconds));
      const cancel = inner.after(milliseconds, () => {
        due.delete(timer);
        run();
      });
      return () => {
        due.delete(timer);
        cancel();
      };
    },
    settle: async (milliseconds) => {
      const until = inner.monotonic() + milliseconds;
      for (;;) {
        await turn();
        const next = Math.min(...due.values());
        if (next > until) break;
        inner.advance(next - inner.monotonic());
      }
      inner.advance(until - inner.monotonic());
      await turn();
    },
  };
};

/** For this file's tests: hashing in another thread, and loading what the engine loads on demand, would end at no certain time. */
export const hashAtOnce = (): void => {
  beforeAll(async () => {
    await Promise.all([
      import('../src/engine/credential-guard.ts'),
      import('../src/engine/refused-tokens.ts'),
      import('../src/engine/status.ts'),
    ]);
    vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_, data) => {
      const hash = createHash('sha256').update(Buffer.from(data as Uint8Array<ArrayBuffer>)); // the engine hashes nothing else
      return Uint8Array.from(hash.digest()).buffer;
    });
    vi.spyOn(crypto.subtle, 'importKey').mockImplementation(async (_, key) => ({ key }) as unknown as CryptoKey); // for the next mock only
    vi.spyOn(crypto.subtle, 'sign').mockImplementation(async (_, key, data) => {
      const { key: salt } = key as unknown as { readonly key: Uint8Array<ArrayBuffer> }; // made above
      return Uint8Array.from(
        createHmac('sha256', salt)
          .update(Buffer.from(data as Uint8Array<ArrayBuffer>))
          .digest(),
      ).buffer;
    });
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });
};

/** What an engine loads on demand takes real time, which no fake clock waits for. Once after it was made. */
export const loaded = (): Promise<void> => vi.dynamicImportSettled();
