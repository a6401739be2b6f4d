import { describe, expect, it } from 'vitest';
import { countsOf, leftOut, rowOf } from './verdict.ts';

const runtime = { name: 'Engine', steps: ['token', 'call'] } as const;
const ok = (step: string) => ({ step, ok: true });

describe('rowOf', () => {
  it('has a cell for each step, under the title that the runtime gave itself', () => {
    const row = rowOf(runtime, { title: 'Engine 1.2.3', results: [ok('token'), ok('call'), ok('token'), ok('call')] });
    expect(row).toEqual({
      title: 'Engine 1.2.3',
      cells: new Map([
        ['token', true],
        ['call', true],
      ]),
      details: [],
    });
  });

  it('fails a step that failed at one of the vendors, and says why', () => {
    const row = rowOf(runtime, {
      title: 'Engine 1.2.3',
      results: [ok('token'), ok('call'), { step: 'token', ok: false, detail: 'Twice.' }, ok('call')],
    });
    expect([...row.cells.values()]).toEqual([false, true]);
    expect(row.details).toEqual(['token: Twice.']);
  });

  it('fails a step that the program said nothing about', () => {
    const row = rowOf(runtime, { title: 'Engine 1.2.3', results: [ok('token')] });
    expect([...row.cells.values()]).toEqual([true, false]);
    expect(row.details).toEqual(['call: The program said nothing about it.']);
  });

  it('fails every step of a run that broke off', () => {
    const row = rowOf(runtime, new Error('No answer.\n'));
    expect(row.title).toBe('Engine');
    expect([...row.cells.values()]).toEqual([false, false]);
    expect(row.details).toEqual(['It did not get to its end. No answer.']);
  });
});

describe('leftOut', () => {
  const runtimes = [{ name: 'Here' }, { name: 'Gone', missing: 'it could not be installed' }];

  it('passes over what is here', () => {
    expect(leftOut(runtimes, {}, false).map(({ name }) => name)).toEqual(['Gone']);
  });

  it('is no failure on a machine of somebody', () => {
    expect(leftOut(runtimes, {}, false)).toEqual([{ name: 'Gone', reason: 'it could not be installed', isFailure: false }]);
  });

  it('is a failure in CI', () => {
    expect(leftOut(runtimes, {}, true)).toEqual([{ name: 'Gone', reason: 'it could not be installed', isFailure: true }]);
  });

  it('is none in CI where the runtime is known to be unreachable, by its name', () => {
    expect(leftOut(runtimes, { Gone: 'nobody publishes it' }, true)).toEqual([
      { name: 'Gone', reason: 'nobody publishes it', isFailure: false },
    ]);
    expect(leftOut(runtimes, { gone: 'nobody publishes it' }, true)[0]?.isFailure).toBe(true);
  });
});

describe('countsOf', () => {
  it('counts cells, and a runtime that should be here as one failure', () => {
    const rows = [rowOf(runtime, { title: 'Engine 1.2.3', results: [ok('token')] })];
    const missing = leftOut([{ name: 'Gone', missing: 'it is not installed' }], {}, true);
    expect(countsOf(rows, [])).toEqual({ passed: 1, failed: 1 });
    expect(countsOf(rows, missing)).toEqual({ passed: 1, failed: 2 });
  });
});
