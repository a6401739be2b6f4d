import { describe, expect, it } from 'vitest';
import type { AuthErrorCode } from '../index.ts';
import {
  type AccountRecord,
  accepting,
  BUDGET,
  beginningOf,
  isChangedByAccepting,
  judge,
  NOTHING_KNOWN,
  postponing,
  type RecordChange,
  type Refusal,
  refusedOf,
  refusingOf,
  remembering,
  resetting,
  type Stamp,
  spentOf,
  undone,
} from './account-record.ts';

// The tables follow the life of credentials named `x`. Times are in minutes.
const MINUTE = 60_000;
const NOW = 1_000;

const refusalOf = (fingerprint: string, facts: { readonly code?: AuthErrorCode; readonly vendorCode?: string } = {}): Refusal => {
  const { code = 'invalid_credentials', vendorCode } = facts;
  return { fingerprint, code, message: 'No.', status: 401, vendorCode };
};
const OWN_WORD = { vendorCode: '10001' };
const NO_WORD = {};

const stamp = (at: number, span: number): Stamp => ({ at: at * MINUTE, span: span * MINUTE });
const left = ({ at }: Stamp): number => Math.max(0, at - NOW * MINUTE);

const recordOf = (record: Partial<AccountRecord>): AccountRecord => ({ ...NOTHING_KNOWN, ...record });
const accepted = (fingerprint: string, at = 0) => ({ fingerprint, at: at * MINUTE });
const closed = (fingerprint: string, counts = 1) => ({ refusal: refusalOf(fingerprint), counts });
const begun = (id: string, until = NOW + 60) => ({ id, until: stamp(until, 60) });
const paused = (fingerprint: string, { probes = 0, most = 3, until = NOW + 1, counts = 1, acceptedAt = 0 } = {}) => ({
  refusal: refusalOf(fingerprint),
  probes,
  most,
  until: stamp(until, 1),
  counts,
  acceptedAt: acceptedAt * MINUTE,
});

/** A record in few words. */
const shown = ({ accepted, closed, paused, begun, notBefore, resets }: AccountRecord): readonly string[] => [
  ...accepted.map(({ fingerprint, at }) => `${fingerprint} accepted at ${at / MINUTE}`),
  ...closed.map(({ refusal, counts }) => `${refusal.fingerprint} closed, counts ${counts}`),
  ...paused.map(
    ({ refusal, probes, most, until, counts }) =>
      `${refusal.fingerprint} paused until ${until.at / MINUTE} (${until.span / MINUTE}), ${probes} of ${most} probes, counts ${counts}`,
  ),
  ...begun.map(({ id, until }) => `${id} begun, until ${until.at / MINUTE} (${until.span / MINUTE})`),
  ...(notBefore ? [`not before ${notBefore.at / MINUTE} (${notBefore.span / MINUTE})`] : []),
  ...(resets > 0 ? [`${resets} resets`] : []),
];

/** A request with `x` that is written down first, if it is, and refused. */
const refused = (record: AccountRecord, facts: Parameters<typeof refusalOf>[1], isBegun = false): AccountRecord => {
  const id = isBegun ? 'own' : undefined;
  return refusingOf(refusalOf('x', facts), { now: NOW * MINUTE, id, before: record })(
    id ? beginningOf('x', id, NOW * MINUTE)(record) : record,
  );
};

describe('judge', () => {
  const spentBy = (count: number) => ({ closed: Array.from({ length: count }, (_, index) => closed(`other ${index}`)) });

  it.each<readonly [string, Partial<AccountRecord>, string]>([
    ['untried credentials', {}, 'in turn'],
    ['untried ones while budget is left', spentBy(2), 'in turn'],
    ['untried ones when the budget is spent', spentBy(3), 'not: exhausted'],
    ['untried ones when closed ones count no more', { closed: [closed('a', 0), closed('b', 0), closed('c', 0)] }, 'in turn'],
    ['untried ones after attempts without outcome', { begun: [begun('1'), begun('2')] }, 'in turn'],
    [
      'untried ones when such attempts have spent the budget',
      { begun: [begun('1'), begun('2'), begun('3', NOW + 20)] },
      'not: exhausted, 60',
    ],
    ['the same when their time has come', { begun: [begun('1', NOW), begun('2', NOW), begun('3', NOW - 1)] }, 'in turn'],
    ['the same when the time of one has not come', { begun: [begun('1', NOW), begun('2', NOW), begun('3')] }, 'not: exhausted, 60'],
    ['untried ones when refusals and attempts have spent the budget', { ...spentBy(2), begun: [begun('1', NOW)] }, 'in turn'],
    ['untried ones after one more attempt without outcome', { begun: ['1', '2', '3', '4'].map((id) => begun(id, NOW)) }, 'not: exhausted'],
    ['accepted ones', { accepted: [accepted('y'), accepted('x')] }, 'at once'],
    ['accepted ones when others have spent the budget', { accepted: [accepted('x')], ...spentBy(5) }, 'at once'],
    [
      'accepted ones while attempts of others are under way',
      { accepted: [accepted('x')], begun: ['1', '2', '3'].map((id) => begun(id)) },
      'at once',
    ],
    ['paused ones before their time', { paused: [paused('y', { until: NOW }), paused('x')] }, 'not: x, 1'],
    ['paused ones at their time', { paused: [paused('y'), paused('x', { until: NOW })] }, 'in turn'],
    ['paused ones when the budget is just spent', { paused: [paused('x', { until: NOW, counts: 3 })] }, 'in turn'],
    ['paused ones when one more is spent', { ...spentBy(3), paused: [paused('x', { until: NOW })] }, 'not: x'],
    ['the same before their time', { ...spentBy(3), paused: [paused('x')] }, 'not: x'],
    ['closed ones', { closed: [closed('y'), closed('x', 0)] }, 'not: x'],
    ['closed ones that are accepted, which cannot be', { closed: [closed('x')], accepted: [accepted('x')] }, 'not: x'],
    ['untried ones before the time that the vendor asked for', { notBefore: stamp(NOW + 5, 9) }, 'not: not before, 5'],
    ['accepted ones before that time', { accepted: [accepted('x')], notBefore: stamp(NOW + 5, 9) }, 'not: not before, 5'],
    ['paused ones before that time', { paused: [paused('x')], notBefore: stamp(NOW + 5, 9) }, 'not: not before, 5'],
    ['closed ones before that time', { closed: [closed('x')], notBefore: stamp(NOW + 5, 9) }, 'not: x'],
    ['accepted ones at that time', { accepted: [accepted('x')], notBefore: stamp(NOW, 9) }, 'at once'],
  ])('of %s', (_, record, expected) => {
    const verdict = judge(recordOf(record), 'x', left);
    const because = verdict.use === 'not' && typeof verdict.because === 'object' ? verdict.because.fingerprint : undefined;
    const later = verdict.use === 'not' && verdict.retryAfter !== undefined ? `, ${verdict.retryAfter / MINUTE}` : '';
    expect(verdict.use === 'not' ? `not: ${because ?? verdict.because}${later}` : verdict.use).toBe(expected);
  });
});

describe('what is spent', () => {
  it('is all that was refused or has no outcome since the last success', () => {
    const record = recordOf({
      accepted: [accepted('good')],
      closed: [closed('a'), closed('b', 0), closed('c', 4)],
      paused: [paused('d', { probes: 2, counts: 3 }), paused('e', { probes: 1, counts: 0 })],
      begun: [begun('1'), begun('2'), begun('3')],
    });
    expect([BUDGET, refusedOf(record), spentOf(record)]).toEqual([3, 8, 11]);
    expect([refusedOf(NOTHING_KNOWN), spentOf(NOTHING_KNOWN)]).toEqual([0, 0]);
  });
});

describe('a request with credentials that are not accepted', () => {
  const unpaused = { accepted: [accepted('y')], closed: [closed('z')], notBefore: stamp(5, 5), resets: 2 };
  const kept = ['y accepted at 0', 'z closed, counts 1'];

  it.each<readonly [string, Partial<AccountRecord>, readonly string[]]>([
    ['has begun', unpaused, [...kept, 'own begun, until 1060 (60)', 'not before 5 (5)', '2 resets']],
    ['has begun once more', { begun: [begun('1', 7)] }, ['1 begun, until 7 (60)', 'own begun, until 1060 (60)']],
    ['is the first probe', { paused: [paused('x')] }, ['x paused until 1010 (10), 1 of 3 probes, counts 2']],
    ['is the second probe', { paused: [paused('x', { probes: 1, counts: 2 })] }, ['x paused until 1060 (60), 2 of 3 probes, counts 3']],
    ['is the third probe, after which there is none', { paused: [paused('x', { probes: 2, counts: 3 })] }, ['x closed, counts 4']],
    ['is the only probe', { paused: [paused('x', { most: 1 })] }, ['x closed, counts 2']],
    [
      'is a probe after a success of others',
      { paused: [paused('x', { counts: 0 })] },
      ['x paused until 1010 (10), 1 of 3 probes, counts 1'],
    ],
    [
      'is a probe while others rest',
      { paused: [paused('x'), paused('y')] },
      ['y paused until 1001 (1), 0 of 3 probes, counts 1', 'x paused until 1010 (10), 1 of 3 probes, counts 2'],
    ],
  ])('is written down before it is sent: %s', (_, record, expected) => {
    expect(shown(beginningOf('x', 'own', NOW * MINUTE)(recordOf(record)))).toEqual(expected);
  });
});

describe('an outcome that says nothing about the credentials', () => {
  const LATER = NOW + 2;
  /** The outcome of a request that began with this record, after which something else has happened. */
  const outcome = (record: Partial<AccountRecord>, meanwhile: RecordChange = (there) => there): readonly string[] => {
    const before = recordOf(record);
    return shown(undone('x', 'own', before, LATER * MINUTE)(meanwhile(beginningOf('x', 'own', NOW * MINUTE)(before))));
  };
  const thirdProbe = { paused: [paused('x', { probes: 2, counts: 3 })] };

  it.each<readonly [string, Partial<AccountRecord>, readonly string[]]>([
    ['as if the first attempt had not begun', {}, []],
    [
      'other attempts',
      { begun: [begun('1'), begun('2'), begun('3')] },
      ['1 begun, until 1060 (60)', '2 begun, until 1060 (60)', '3 begun, until 1060 (60)'],
    ],
    ['the first pause, from now on', { paused: [paused('x')] }, ['x paused until 1003 (1), 0 of 3 probes, counts 1']],
    [
      'the second pause, from now on',
      { paused: [paused('x', { probes: 1, counts: 2 })] },
      ['x paused until 1012 (10), 1 of 3 probes, counts 2'],
    ],
    ['the third pause, from now on', thirdProbe, ['x paused until 1062 (60), 2 of 3 probes, counts 3']],
    ['the pause before the only probe', { paused: [paused('x', { most: 1 })] }, ['x paused until 1003 (1), 0 of 1 probes, counts 1']],
  ])('leaves %s', (_, record, expected) => {
    expect(outcome(record)).toEqual(expected);
  });

  it('says the same when it is written twice', () => {
    for (const probes of [0, 1, 2]) {
      const before = recordOf({ paused: [paused('x', { probes, counts: 1 + probes })] });
      const change = undone('x', 'own', before, LATER * MINUTE);
      const once = change(beginningOf('x', 'own', NOW * MINUTE)(before));
      expect(change(once)).toEqual(once);
    }
  });

  it.each<readonly [string, Partial<AccountRecord>, RecordChange, readonly string[]]>([
    ['reset', { paused: [paused('x')] }, resetting, ['1 resets']],
    ['reset, at the last probe', thirdProbe, resetting, ['1 resets']],
    ['accepted', { paused: [paused('x')] }, accepting('x', NOW * MINUTE), ['x accepted at 1000']],
    ['closed', { paused: [paused('x')] }, (there) => refused(there, OWN_WORD), ['x closed, counts 2']],
    [
      'good for the budget of others',
      { paused: [paused('x')] },
      accepting('y', NOW * MINUTE),
      ['y accepted at 1000', 'x paused until 1003 (1), 0 of 3 probes, counts 0'],
    ],
    ['good for the budget of others, before the first use', {}, accepting('y', NOW * MINUTE), ['y accepted at 1000']],
  ])('does not undo what has happened meanwhile: %s', (_, record, meanwhile, expected) => {
    expect(outcome(record, meanwhile)).toEqual(expected);
  });
});

describe('a success', () => {
  const accept = (record: Partial<AccountRecord>): readonly string[] => shown(accepting('x', NOW * MINUTE)(recordOf(record)));

  it.each<readonly [string, Partial<AccountRecord>]>([
    ['untried ones', {}],
    ['those that had begun', { begun: [begun('1'), begun('2')] }],
    ['paused ones', { paused: [paused('x')] }],
    ['closed ones, by the last probe', { closed: [closed('x')] }],
  ])('accepts %s', (_, record) => {
    expect(accept(record)).toEqual(['x accepted at 1000']);
  });

  it('makes the budget whole, but leaves others closed or paused', () => {
    const others = {
      closed: [closed('a', 4)],
      paused: [paused('b')],
      begun: ['1', '2', '3'].map((id) => begun(id)),
      notBefore: stamp(NOW + 5, 5),
      resets: 2,
    };
    expect(accept(others)).toEqual([
      'x accepted at 1000',
      'a closed, counts 0',
      'b paused until 1001 (1), 0 of 3 probes, counts 0',
      '2 resets',
    ]);
  });

  it('keeps the time of the first one, makes them the newest, and forgets the oldest of five', () => {
    const row = ['a', 'x', 'b', 'c'].map((fingerprint, index) => accepted(fingerprint, index));
    expect(accept({ accepted: row })).toEqual(
      ['a', 'b', 'c', 'x'].map((name) => `${name} accepted at ${row.findIndex((r) => r.fingerprint === name)}`),
    );
    const others = ['a', 'b', 'c', 'd'].map((fingerprint, index) => accepted(fingerprint, index));
    expect(accept({ accepted: others })).toEqual(['b accepted at 1', 'c accepted at 2', 'd accepted at 3', 'x accepted at 1000']);
  });

  it.each<readonly [string, Partial<AccountRecord>, boolean]>([
    ['nothing is known', {}, true],
    ['only others are accepted', { accepted: [accepted('y')] }, true],
    ['they are accepted', { accepted: [accepted('y'), accepted('x')] }, false],
    ['some of the budget is spent', { accepted: [accepted('x')], closed: [closed('y')] }, true],
    ['what is closed counts no more', { accepted: [accepted('x')], closed: [closed('y', 0)] }, false],
    ['others have begun', { accepted: [accepted('x')], begun: [begun('y')] }, true],
    ['the vendor had asked to wait', { accepted: [accepted('x')], notBefore: stamp(1, 1) }, true],
  ])('is worth writing down when %s: %s', (_, record, expected) => {
    expect(isChangedByAccepting(recordOf(record), 'x')).toBe(expected);
  });
});

describe('a refusal', () => {
  const LONG_AGO = { accepted: [accepted('x', NOW - 10)] };
  const JUST_NOW = { accepted: [accepted('x', NOW - 9)] };
  const FIRST_PAUSE = 'x paused until 1001 (1), 0 of 3 probes, counts 1';

  it.each<readonly [string, Partial<AccountRecord>, boolean, readonly string[], readonly string[]]>([
    ['untried ones', {}, true, ['x closed, counts 1'], ['x closed, counts 1']],
    [
      'untried ones, beside attempts without outcome',
      { begun: [begun('1'), begun('2'), begun('3')] },
      true,
      ['x closed, counts 1', '1 begun, until 1060 (60)', '2 begun, until 1060 (60)', '3 begun, until 1060 (60)'],
      ['x closed, counts 1', '1 begun, until 1060 (60)', '2 begun, until 1060 (60)', '3 begun, until 1060 (60)'],
    ],
    [
      'untried ones, too late for its own attempt',
      { begun: [begun('1')] },
      false,
      ['x closed, counts 1', '1 begun, until 1060 (60)'],
      ['x closed, counts 1', '1 begun, until 1060 (60)'],
    ],
    ['ones that were accepted ten minutes ago', LONG_AGO, false, ['x closed, counts 1'], [FIRST_PAUSE]],
    [
      'ones that were accepted less than ten minutes ago',
      JUST_NOW,
      false,
      ['x paused until 1001 (1), 0 of 1 probes, counts 1'],
      [FIRST_PAUSE],
    ],
    [
      'ones that were accepted in less than ten minutes, by a clock that is ahead',
      { accepted: [accepted('x', NOW + 9)] },
      false,
      ['x paused until 1001 (1), 0 of 1 probes, counts 1'],
      [FIRST_PAUSE],
    ],
    ['ones that were accepted by a clock far ahead', { accepted: [accepted('x', NOW + 10)] }, false, ['x closed, counts 1'], [FIRST_PAUSE]],
    ['paused ones that were under way', { paused: [paused('x')] }, false, ['x closed, counts 1'], [FIRST_PAUSE]],
    [
      'ones under way that rest because of the vendor’s own word',
      { paused: [paused('x', { most: 1 })] },
      false,
      ['x paused until 1001 (1), 0 of 1 probes, counts 1'],
      ['x paused until 1001 (1), 0 of 1 probes, counts 1'],
    ],
    [
      'ones that are probed first',
      { paused: [paused('x')] },
      true,
      ['x closed, counts 2'],
      ['x paused until 1010 (10), 1 of 3 probes, counts 2'],
    ],
    [
      'ones that are probed for the last time',
      { paused: [paused('x', { probes: 2, counts: 3 })] },
      true,
      ['x closed, counts 4'],
      ['x closed, counts 4'],
    ],
    [
      'ones that are probed for the only time',
      { paused: [paused('x', { most: 1 })] },
      true,
      ['x closed, counts 2'],
      ['x closed, counts 2'],
    ],
    ['closed ones that were under way', { closed: [closed('x')] }, false, ['x closed, counts 1'], ['x closed, counts 1']],
    ['closed ones since a success of others', { closed: [closed('x', 0)] }, false, ['x closed, counts 1'], ['x closed, counts 1']],
  ])('of %s, with the vendor’s own word and without', (_, record, isBegun, ownWord, noWord) => {
    expect(shown(refused(recordOf(record), OWN_WORD, isBegun))).toEqual(ownWord);
    expect(shown(refused(recordOf(record), { code: 'locked' }, isBegun))).toEqual(ownWord);
    expect(shown(refused(recordOf(record), NO_WORD, isBegun))).toEqual(noWord);
  });

  it('holds what the vendor said last', () => {
    expect(refused(recordOf({ paused: [paused('x')] }), OWN_WORD).closed).toEqual([{ refusal: refusalOf('x', OWN_WORD), counts: 1 }]);
    expect(refused(recordOf(LONG_AGO), NO_WORD).paused).toMatchObject([{ refusal: refusalOf('x') }]);
  });

  it.each<readonly [string, Partial<AccountRecord>, Partial<AccountRecord>]>([
    ['were untried', {}, LONG_AGO],
    ['had been accepted before', LONG_AGO, { accepted: [accepted('x', NOW - 500)] }],
  ])('of ones that %s, and are accepted elsewhere meanwhile, does not close them, because it may be the older word', (_, was, is) => {
    const refusing = refusingOf(refusalOf('x', OWN_WORD), { now: NOW * MINUTE, id: undefined, before: recordOf(was) });
    expect(shown(refusing(recordOf(is)))).toEqual(['x paused until 1001 (1), 0 of 1 probes, counts 1']);
  });

  it('leaves others as they are, and remembers the last eight that are closed', () => {
    const others = Array.from({ length: 8 }, (_, index) => closed(`${index}`, 0));
    const record = recordOf({ accepted: [accepted('y')], closed: others, paused: [paused('z')], notBefore: stamp(5, 5), resets: 2 });
    expect(shown(refused(record, OWN_WORD))).toEqual([
      'y accepted at 0',
      ...Array.from({ length: 7 }, (_, index) => `${index + 1} closed, counts 0`),
      'x closed, counts 1',
      'z paused until 1001 (1), 0 of 3 probes, counts 1',
      'not before 5 (5)',
      '2 resets',
    ]);
  });

  it('says the same when it is written twice', () => {
    for (const facts of [OWN_WORD, NO_WORD])
      for (const record of [{}, LONG_AGO, JUST_NOW, { paused: [paused('x')] }]) {
        const change = refusingOf(refusalOf('x', facts), { now: NOW * MINUTE, id: undefined, before: recordOf(record) });
        expect(change(change(recordOf(record)))).toEqual(change(recordOf(record)));
      }
  });
});

describe('a vendor that asks to wait', () => {
  it('is known by the time and by how long that was, and nothing else changes', () => {
    const record = recordOf({ accepted: [accepted('x')], notBefore: stamp(NOW + 9, 9), resets: 1 });
    expect(shown(postponing(2 * MINUTE, NOW * MINUTE)(record))).toEqual(['x accepted at 0', 'not before 1002 (2)', '1 resets']);
  });
});

describe('a reset', () => {
  it('forgets everything but what was accepted, and is counted', () => {
    const record = recordOf({
      accepted: [accepted('x')],
      closed: [closed('a')],
      paused: [paused('b')],
      begun: [begun('1')],
      notBefore: stamp(5, 5),
      resets: 2,
    });
    expect(shown(resetting(record))).toEqual(['x accepted at 0', '3 resets']);
  });
});

describe('what a store has lost', () => {
  const known = recordOf({ accepted: [accepted('good')], closed: [closed('x', 2), closed('y')], paused: [paused('z')], resets: 1 });
  const remembered = (record: Partial<AccountRecord>): readonly string[] => shown(remembering(known)(recordOf(record)));

  it.each<readonly [string, Partial<AccountRecord>, readonly string[]]>([
    ['all', {}, ['x closed, counts 2', 'y closed, counts 1', '1 resets']],
    [
      'one',
      { closed: [closed('other'), closed('y', 0)] },
      ['x closed, counts 2', 'other closed, counts 1', 'y closed, counts 0', '1 resets'],
    ],
    ['none', { closed: [closed('y'), closed('x')], resets: 1 }, ['y closed, counts 1', 'x closed, counts 1', '1 resets']],
    [
      'one beside which the other rests',
      { paused: [paused('x')] },
      ['y closed, counts 1', 'x paused until 1001 (1), 0 of 3 probes, counts 1', '1 resets'],
    ],
    ['one beside which the other is accepted', { accepted: [accepted('x')] }, ['x accepted at 0', 'y closed, counts 1', '1 resets']],
    ['all, since the last reset', { resets: 1 }, ['x closed, counts 2', 'y closed, counts 1', '1 resets']],
    ['none, because they were forgotten by a reset', { resets: 2 }, ['2 resets']],
  ])('of the closed ones is known here: %s', (_, record, expected) => {
    expect(remembered(record)).toEqual(expected);
  });

  it('does not push out what is there, and leaves a record alone that has all', () => {
    const others = Array.from({ length: 8 }, (_, index) => closed(`${index}`));
    expect(remembered({ closed: others })).toEqual([...others.map(({ refusal }) => `${refusal.fingerprint} closed, counts 1`), '1 resets']);
    const whole = recordOf({ closed: known.closed });
    expect(remembering(known)(whole)).toBe(whole);
  });
});

describe('what another one does meanwhile', () => {
  it('the vendor’s own word at the first probe does not close credentials that were accepted two minutes ago', () => {
    const before = refusingOf(refusalOf('x'), { now: MINUTE, id: undefined, before: recordOf({ accepted: [accepted('x')] }) })(
      recordOf({ accepted: [accepted('x')] }),
    );
    const probed = beginningOf('x', 'own', 2 * MINUTE)(before);
    const refused = refusingOf(refusalOf('x', OWN_WORD), { now: 2 * MINUTE, id: 'own', before })(probed);
    expect(shown(refused)).toEqual(['x paused until 3 (1), 0 of 1 probes, counts 2']);
    const again = beginningOf('x', 'next', 3 * MINUTE)(refused);
    expect(shown(refusingOf(refusalOf('x', OWN_WORD), { now: 3 * MINUTE, id: 'next', before: refused })(again))).toEqual([
      'x closed, counts 3',
    ]);
  });

  it('attempts of others that died do not keep credentials that had been accepted from their probe for good', () => {
    const record = recordOf({ paused: [paused('x', { until: NOW })], begun: ['1', '2', '3'].map((id) => begun(id, NOW)) });
    expect(judge(record, 'x', left)).toEqual({ use: 'in turn' });
  });

  // A change whose answer was lost is made again.
  it('an attempt that ends is taken away once, though the store carries that out twice', () => {
    const died = recordOf({ begun: [begun('1')] });
    const change = undone('x', 'own', died, NOW * MINUTE);
    expect(change(change(beginningOf('x', 'own', NOW * MINUTE)(died)))).toEqual(died);
  });
});
