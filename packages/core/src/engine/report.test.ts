import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/index.ts';
import { createReport } from './report.ts';

const SECOND = 1_000;

/** An observer, and the names, each of which comes when it is told to. */
const setUp = (observe?: (type: string) => unknown) => {
  const clock = fakeClock();
  const told: string[] = [];
  const asked: { readonly id: string; readonly comes: () => Promise<void>; readonly fails: () => Promise<void> }[] = [];
  const keyOf = (id: string): Promise<string> =>
    new Promise((resolve, reject) => {
      asked.push({
        id,
        comes: async () => {
          resolve(`name of ${id}`);
          await clock.settle(0);
        },
        fails: async () => {
          reject(new Error('no hashes here'));
          await clock.settle(0);
        },
      });
    });
  const report = createReport({
    observe: ({ type, authority, at }) => {
      told.push(`${type} of ${authority} at ${at}`);
      return observe?.(type);
    },
    provider: 'acme',
    clock,
    nameOf: keyOf,
  });
  return { clock, told, asked, report };
};

describe('reports to an observer', () => {
  it('come in order, though the names come in another', async () => {
    const { told, asked, report } = setUp();
    report('a', { type: 'adopted' });
    report('b', { type: 'forgotten' });
    await asked[1]?.comes();
    expect(told).toEqual([]);
    await asked[0]?.comes();
    expect(told).toEqual(['adopted of name of a at 0', 'forgotten of name of b at 0']);
  });

  it('ask for a name once, if need be before there is an event', async () => {
    const { clock, told, asked, report } = setUp();
    report('a');
    await asked[0]?.comes();
    expect(told).toEqual([]);
    report('a', { type: 'adopted' });
    clock.advance(SECOND);
    report('a', { type: 'forgotten' });
    await clock.settle(0);
    expect(told).toEqual(['adopted of name of a at 0', 'forgotten of name of a at 1000']);
    expect(asked).toHaveLength(1);
  });

  it('are told by the next name, if one never comes', async () => {
    const { told, asked, report } = setUp();
    report('a', { type: 'adopted' });
    report('a', { type: 'invalidated' });
    report('a', { type: 'forgotten' });
    await asked[2]?.comes();
    expect(told.map((line) => line.split(' ')[0])).toEqual(['adopted', 'invalidated', 'forgotten']);
    // Late ones tell nothing twice.
    await asked[0]?.comes();
    expect(told).toHaveLength(3);
  });

  it('ask again for a name that has not come for a second and holds up those of others', async () => {
    const { clock, told, asked, report } = setUp();
    report('a', { type: 'adopted' });
    report('b', { type: 'adopted' });
    report('c', { type: 'adopted' });
    clock.advance(SECOND);
    await asked[2]?.comes();
    expect(asked.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'a']);
    await asked[3]?.comes();
    expect(asked.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'a', 'b']);
    await asked[4]?.comes();
    expect(told).toEqual(['adopted of name of a at 0', 'adopted of name of b at 0', 'adopted of name of c at 0']);
  });

  it('are dropped if there can be no name, and hold up no others', async () => {
    const { told, asked, report } = setUp();
    report('a', { type: 'adopted' });
    report('b', { type: 'adopted' });
    await asked[1]?.comes();
    await asked[0]?.fails();
    expect(told).toEqual(['adopted of name of b at 0']);
  });

  it('are a thousand at most while they wait', async () => {
    const { told, asked, report } = setUp();
    for (let index = 0; index < 1_001; index += 1) report('a', { type: index === 0 ? 'forgotten' : 'adopted' });
    await asked[0]?.comes();
    expect(told).toHaveLength(1_000);
    expect(told[0]).toBe('adopted of name of a at 0');
  });

  it('never come within the step that they report', async () => {
    const { clock, told, asked, report } = setUp();
    report('a');
    await asked[0]?.comes();
    report('a', { type: 'adopted' });
    expect(told).toEqual([]);
    await clock.settle(0);
    expect(told).toHaveLength(1);
  });

  it('survive an observer that throws, rejects or reports in turn', async () => {
    let again: (() => void) | undefined;
    const { clock, told, asked, report } = setUp((type) => {
      again?.();
      again = undefined;
      if (type === 'adopted') throw new Error('Mine.');
      return Promise.reject(new Error('Mine.'));
    });
    again = () => report('a', { type: 'forgotten' });
    report('a', { type: 'adopted' });
    report('a', { type: 'invalidated' });
    await asked[0]?.comes();
    await clock.settle(0);
    expect(told.map((line) => line.split(' ')[0])).toEqual(['adopted', 'invalidated', 'forgotten']);
  });
});
