import { describe, expect, it } from 'vitest';
import { printed } from './printed.ts';

const server = {
  title: 'Engine 1.2.3',
  cells: new Map([
    ['token', true],
    ['call', false],
  ]),
  details: ['call: Budgea: The call was answered 404.'],
};

describe('printed', () => {
  it('has a line for each runtime, with a dash where a step does not apply', () => {
    const [head, , row] = printed([server], []).split('\n');
    expect(head?.split(/ +/)).toEqual(['runtime', 'token', 'call', 'renewal', 'redirect', 'redaction', 'guard']);
    expect(row?.split(/ {2,}/)).toEqual(['Engine 1.2.3', 'ok', 'FAILED', '–', '–', '–', '–']);
  });

  it('explains each column', () => {
    const lines = printed([server], []).split('\n');
    const [head = ''] = lines;
    for (const step of head.trim().split(/ +/).slice(1)) expect(lines.filter((line) => line.startsWith(`${step} `))).toHaveLength(1);
  });

  it('says what failed, what is left out and why, and ends with the sum', () => {
    const missing = [
      { name: 'Bun', reason: 'it could not be installed', isFailure: false },
      { name: 'Chromium', reason: 'it is not installed', isFailure: true },
    ];
    expect(printed([server], missing).split('\n').slice(-6)).toEqual([
      'FAILED Engine 1.2.3, call: Budgea: The call was answered 404.',
      '',
      'left   Bun: it could not be installed',
      expect.stringMatching(/^FAILED Chromium: it is not installed/),
      '',
      '1 passed, 2 failed',
    ]);
  });
});
