import { describe, expect, it } from 'vitest';
import { printed, rowOf } from './verdict.ts';

const runtime = { name: 'Engine', steps: ['token', 'call'] } as const;
const ok = (step: string) => ({ step, ok: true });
const reported = (...results: readonly { readonly step: string; readonly ok: boolean; readonly detail?: string }[]) =>
  rowOf(runtime, { title: 'Engine 1.2.3', results });

describe('a row', () => {
  it.each([
    ['passes each step that passed at every vendor', reported(ok('token'), ok('call'), ok('token')), [true, true]],
    ['fails a step that failed at one of the vendors', reported(ok('token'), ok('call'), { step: 'token', ok: false }), [false, true]],
    ['fails a step that the program said nothing about', reported(ok('token')), [true, false]],
    ['fails every step of a run that broke off', rowOf(runtime, new Error('No answer.')), [false, false]],
  ])('%s', (_, { cells }, expected) => {
    expect([...cells.values()]).toEqual(expected);
  });
});

it('prints a line for each runtime, what failed and why, and the sum', () => {
  const text = printed([reported(ok('token'), { step: 'call', ok: false, detail: 'It was answered 404.' })], 1).split('\n');
  expect(text[1]?.split(/ {2,}/)).toEqual(['Engine 1.2.3', 'ok', 'FAILED', '–', '–', '–', '–', '–', '–']);
  expect(text.slice(-2)).toEqual(['FAILED Engine 1.2.3, call: It was answered 404.', '1 passed, 2 failed']);
});
