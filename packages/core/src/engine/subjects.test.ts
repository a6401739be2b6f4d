import { describe, expect, it, vi } from 'vitest';
import { fakeClock } from '../testing/index.ts';
import { EngineTime } from './engine-time.ts';
import { Subject } from './subject.ts';
import { Subjects } from './subjects.ts';

const subjectsOf = (clock = fakeClock()) => new Subjects({ clock, time: new EngineTime(clock), overrides: {}, jitter: 0, random: () => 0 });

describe('subjects', () => {
  it('are told apart by their ids, whatever these look like', () => {
    const subjects = subjectsOf();
    const ids = ['', '0', '1', '01', '1.0', '+1', ' 1', '-1', '62', '123', '999999999', '1000000000', 'a', 'ä', '__proto__', 'constructor'];
    const all = ids.map((id) => subjects.get(id));
    expect(new Set(all).size).toBe(ids.length);
    expect(ids.map((id) => subjects.find(id))).toEqual(all);
    subjects.forget('1');
    expect([subjects.find('1'), subjects.find('01')]).toEqual([undefined, all[3]]);
  });

  it('of whom nothing is kept are dropped, so that a hundred thousand of them leave no more than some thousands', () => {
    const subjects = subjectsOf();
    for (let id = 1; id <= 100_000; id += 1) subjects.get(`${id}`);
    let kept = 0;
    for (let id = 1; id <= 100_000; id += 1) if (subjects.find(`${id}`)) kept += 1;
    expect(kept).toBeLessThan(3_000);
  });

  it('are looked at in small portions, so that a sweep of many does not stop the process', () => {
    const looks = vi.spyOn(Subject.prototype, 'isIdle');
    const subjects = subjectsOf();
    let most = 0;
    for (let id = 1; id <= 100_000; id += 1) {
      looks.mockClear();
      // Not idle, so every sweep looks at all of its portion in vain.
      subjects.get(`user ${id}`).rememberHere('r');
      most = Math.max(most, looks.mock.calls.length);
    }
    looks.mockRestore();
    expect(most).toBeLessThan(100_000 / 50);
    expect(most).toBeGreaterThan(100);
  });
});
