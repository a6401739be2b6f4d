import { describe, expect, it, vi } from 'vitest';
import { countsOf, rowOf, verdictOn } from './verdict.ts';

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

describe('verdictOn', () => {
  const trouble = { sentence: 'ERR_PNPM_TARBALL_INTEGRITY', isOffline: false, isStale: false };

  it('is silent where nothing went wrong', () => {
    expect(verdictOn(undefined)).toEqual({ rows: [], missing: [] });
  });

  it('fails when the installation did, though each runtime is there', () => {
    const { rows, missing } = verdictOn(trouble);
    expect(countsOf(rows, missing)).toEqual({ passed: 0, failed: 1 });
    expect(rows[0]?.details).toEqual(['ERR_PNPM_TARBALL_INTEGRITY']);
  });

  it.each([
    ['leaves the runtimes out without a registry on a machine of somebody', '', false],
    ['fails without a registry in CI', 'true', true],
  ])('%s', (_, ci, isFailure) => {
    vi.stubEnv('CI', ci);
    expect(verdictOn({ ...trouble, isOffline: true })).toMatchObject({ rows: [], missing: [{ name: 'the runtimes', isFailure }] });
    vi.unstubAllEnvs();
  });
});

describe('countsOf', () => {
  it('counts cells, and a runtime that should be here as one failure', () => {
    const rows = [rowOf(runtime, { title: 'Engine 1.2.3', results: [ok('token')] })];
    const missing = [
      { name: 'Gone', reason: 'it is not installed', isFailure: true },
      { name: 'Known', reason: 'nobody publishes it', isFailure: false },
    ];
    expect(countsOf(rows, [])).toEqual({ passed: 1, failed: 1 });
    expect(countsOf(rows, missing)).toEqual({ passed: 1, failed: 2 });
  });
});
