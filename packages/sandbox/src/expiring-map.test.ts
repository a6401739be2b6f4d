import { fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { expiringMap } from './expiring-map.ts';

const MINUTE = 60_000;

describe('expiringMap', () => {
  it('lets go of what has ended with the next write, at most once a minute', () => {
    const clock = fakeClock({ now: 0 });
    const swept: unknown[] = [];
    const map = expiringMap<number>({ clock, onExpiry: (...gone) => swept.push(gone) });
    map.set('first', 1, 10);
    map.set('second', 2, null);
    clock.advance(9);
    expect([map.get('first'), map.live()]).toEqual([1, [1, 2]]);
    clock.advance(1);
    expect([map.get('first'), map.get('second'), map.live(), map.held()]).toEqual([undefined, 2, [2], 2]);
    map.set('third', 3, 1_000_000);
    expect(map.held()).toBe(3);
    clock.advance(MINUTE);
    map.set('fourth', 4, null);
    expect([map.held(), swept]).toEqual([3, [['first', 1]]]);
  });

  it('remembers what has ended for as long as it is told to', () => {
    const clock = fakeClock({ now: 0 });
    const map = expiringMap<true>({ clock, remember: MINUTE });
    map.set('early', true, 10);
    map.set('late', true, 20);
    clock.advance(15);
    map.end();
    map.end('unknown');
    expect(['early', 'late', 'unknown'].map(map.isEnded)).toEqual([true, true, false]);
    clock.advance(MINUTE - 5);
    map.set('other', true, null);
    expect([map.isEnded('early'), map.isEnded('late'), map.isEnded('other'), map.held()]).toEqual([false, true, false, 2]);
    clock.advance(5);
    expect(map.isEnded('late')).toBe(false);
    map.end('other');
    expect([map.get('other'), map.isEnded('other')]).toEqual([undefined, true]);
  });

  it('holds no more than its limit, the latest', () => {
    const map = expiringMap<number>({ clock: fakeClock(), limit: 2 });
    for (const [index, key] of ['a', 'b', 'b', 'c'].entries()) map.set(key, index, null);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, 2, 3]);
    map.delete('b');
    expect(map.live()).toEqual([3]);
    map.clear();
    expect(map.held()).toBe(0);
  });
});
