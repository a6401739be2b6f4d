import { describe, expect, it } from 'vitest';
import { vendors } from '../test/vendors.ts';
import { callLog, maskedQuery } from './calls.ts';
import type { Call } from './index.ts';

const masked = (query: string): string =>
  maskedQuery(new URL(`http://sandbox.example/${query}`).search, new Set(['limit', 'all', 'search']));
const [ESCAPE, RIGHT_TO_LEFT] = ['\u001b', '\u202e'];

describe('the query in a log', () => {
  it.each([
    ['', ''],
    ['?', ''],
    ['?limit=10', '?limit=10'],
    ['?token=abc', '?token=***'],
    ['?limit=10&token=abc&limit=20', '?limit=10&token=***&limit=20'],
    ['?token=', '?token=***'],
    ['?Limit=10', '?Limit=***'],
    ['?all', '?all'],
    ['?secretWithoutName', '?***'],
    ['?token=ab&cd', '?token=***&***'],
    ['?dG9rZW4==', '?dG9rZW4=***'],
    [`?${'x'.repeat(41)}=1`, '?***'],
    ['?=abc', '?=***'],
    ['?a=1&&b=2', '?a=***&&b=***'],
    ['?%6Cimit=10', '?%6Cimit=***'],
    [`?${ESCAPE}[2J=1`, '?%1B[2J=***'],
    [`?search=${ESCAPE}[2J\u0007${RIGHT_TO_LEFT}`, '?search=%1B[2J%07%E2%80%AE'],
    ['?search=%zz%', '?search=%zz%'],
    ['?__proto__=1', '?__proto__=***'],
  ])('shows %j as %j', (query, shown) => {
    expect(masked(query)).toBe(shown);
  });

  it('ends after 1,000 characters', () => {
    expect(masked(`?search=${'x'.repeat(5_000)}`)).toBe(`?search=${'x'.repeat(992)}…`);
  });
});

describe.each(vendors)('the calls of $name', ({ create, path, init }) => {
  const url = `http://sandbox.example${path}`;

  it('are the latest ones, as many as the limit says', async () => {
    const sandbox = create({ callLimit: 2 });
    for (const last of ['a', 'b', 'c']) await sandbox.fetch(new URL(`/${last}`, url));
    expect(sandbox.calls.map((call) => call.path)).toEqual(['/b', '/c']);
  });

  it('are none with a limit of 0, yet each is observed', async () => {
    const observed: Call[] = [];
    const sandbox = create({ callLimit: 0, observe: (call) => observed.push(call) });
    await sandbox.fetch(url, init(sandbox));
    expect([sandbox.calls, observed.map(({ status }) => status)]).toEqual([[], [200]]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    // A product's mistake: the type says that nothing is returned.
    ['rejects', () => Promise.reject(new Error('broken')) as unknown as undefined],
  ])('do not break on an observer that %s', async (_, observe) => {
    const sandbox = create({ observe });
    expect((await sandbox.fetch(url, init(sandbox))).status).toBe(200);
    expect(sandbox.calls).toHaveLength(1);
  });

  it('hold no character that drives a terminal', async () => {
    const sandbox = create();
    await sandbox.fetch(`http://sandbox.example/${ESCAPE}]0;x\u0007${RIGHT_TO_LEFT} é\u009b`);
    expect(sandbox.calls[0]?.path).toMatch(/^[\x21-\x7e]+$/);
  });
});

it.each([-1, Number.NaN])('refuses a limit of %d calls', (limit) => {
  expect(() => callLog(limit, undefined)).toThrow(TypeError);
});
