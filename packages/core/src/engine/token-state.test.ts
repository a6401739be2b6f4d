import { describe, expect, it } from 'vitest';
import { tokenState, windowsFor } from './token-state.ts';

const MINUTE = 60_000;

describe('tokenState', () => {
  const windows = { advisory: 5 * MINUTE, mandatory: MINUTE };
  const now = 1_000_000;

  it.each([
    ['empty', undefined],
    ['fresh', { expiresAt: null }],
    ['fresh', { expiresAt: now + 5 * MINUTE + 1 }],
    ['advisory', { expiresAt: now + 5 * MINUTE }],
    ['advisory', { expiresAt: now + MINUTE + 1 }],
    ['mandatory', { expiresAt: now + MINUTE }],
    ['mandatory', { expiresAt: now + 1 }],
    ['expired', { expiresAt: now }],
    ['expired', { expiresAt: now - 1 }],
  ] as const)('is %s for %o', (state, entry) => {
    expect(tokenState(entry, now, windows)).toBe(state);
  });
});

describe('windowsFor', () => {
  it.each([
    [20, 5, 1],
    [89, 15, 1],
    [90, 45, 1],
    [120, 60, 1],
    [600, 60, 1],
    [1, 0.5, 0.25],
    [4, 2, 1],
  ])('renews a token of %d min in the background from %d min and waits from %d min before its end', (lifetime, advisory, mandatory) => {
    expect(windowsFor(lifetime * MINUTE, {}, 0)).toEqual({ advisory: advisory * MINUTE, mandatory: mandatory * MINUTE });
  });

  it('takes overrides, but never more than half and a quarter of the life', () => {
    expect(windowsFor(120 * MINUTE, { advisory: 30 * MINUTE }, 0).advisory).toBe(30 * MINUTE);
    expect(windowsFor(8 * MINUTE, { advisory: 30 * MINUTE, mandatory: 30 * MINUTE }, 0)).toEqual({
      advisory: 4 * MINUTE,
      mandatory: 2 * MINUTE,
    });
  });

  it('never lets callers wait sooner than it renews in the background', () => {
    expect(windowsFor(120 * MINUTE, { advisory: 0 }, 0)).toEqual({ advisory: MINUTE, mandatory: MINUTE });
    expect(windowsFor(120 * MINUTE, { advisory: MINUTE, mandatory: 5 * MINUTE }, 1)).toEqual({
      advisory: 5 * MINUTE,
      mandatory: 5 * MINUTE,
    });
    expect(windowsFor(120 * MINUTE, { advisory: 0, mandatory: 0 }, 0)).toEqual({ advisory: 0, mandatory: 0 });
  });

  it('spreads a fleet by a tenth of the window at most, and never beyond half of the life', () => {
    expect(windowsFor(600 * MINUTE, {}, 1).advisory).toBeCloseTo(66 * MINUTE);
    expect(windowsFor(120 * MINUTE, {}, 1).advisory).toBe(60 * MINUTE);
  });
});
