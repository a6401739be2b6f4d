import { describe, expect, it } from 'vitest';
import { framed, HOST } from '../test/vendors.ts';
import { callLog, maskedQuery } from './calls.ts';
import type { Call } from './index.ts';

const masked = (query: string): string => maskedQuery(new URL(`${HOST}/${query}`).search, new Set(['limit', 'all', 'search']));
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
    [`?${'x'.repeat(40)}=1`, `?${'x'.repeat(40)}=***`],
    [`?${'x'.repeat(41)}=1`, '?***'],
    ['?=abc', '?=***'],
    ['?a=1&&b=2', '?a=***&&b=***'],
    ['?%6Cimit=10', '?%6Cimit=***'],
    [`?${ESCAPE}[2J=1`, '?%1B[2J=***'],
    [`?search=${ESCAPE}[2J\u0007${RIGHT_TO_LEFT}`, '?search=%1B[2J%07%E2%80%AE'],
    ['?search=%zz%', '?search=%zz%'],
    ['?__proto__=1', '?__proto__=***'],
    [`?search=${'x'.repeat(992)}`, `?search=${'x'.repeat(992)}`],
    [`?search=${'x'.repeat(993)}`, `?search=${'x'.repeat(992)}…`],
  ])('shows %j as %j', (query, shown) => {
    expect(masked(query)).toBe(shown);
  });
});

describe('calls', () => {
  it('are the latest ones, as many as the limit says', async () => {
    const { sandbox } = framed({ callLimit: 2 });
    for (const last of ['a', 'b', 'c']) await sandbox.fetch(`${HOST}/${last}`);
    expect(sandbox.calls.map((call) => call.path)).toEqual(['/b', '/c']);
  });

  it('are none with a limit of 0, yet each is observed', async () => {
    const observed: Call[] = [];
    const { sandbox, send } = framed({ callLimit: 0, observe: (call) => observed.push(call) });
    await send();
    expect([sandbox.calls, observed.map(({ status }) => status)]).toEqual([[], [200]]);
  });

  it('do not break on an observer that throws or rejects', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    // A product's mistake: the type says that nothing is returned.
    for (const observe of [broken, (async () => broken()) as unknown as () => undefined]) {
      const { sandbox, statuses } = framed({ observe });
      expect([await statuses(1), sandbox.calls.length]).toEqual([[200], 1]);
    }
  });

  it('hold no character that drives a terminal, and no more than 1,000 of a path', async () => {
    const { sandbox } = framed();
    for (const path of [`${ESCAPE}]0;x\u0007${RIGHT_TO_LEFT} é\u009b`, 'x'.repeat(1_000)]) await sandbox.fetch(`${HOST}/${path}`);
    expect(sandbox.calls.map(({ path }) => path)).toEqual([expect.stringMatching(/^[\x21-\x7e]+$/), `/${'x'.repeat(999)}…`]);
  });

  it.each([-1, Number.NaN])('have no limit of %d', (limit) => {
    expect(() => callLog(limit, undefined)).toThrow(TypeError);
  });
});
