import type { Answer, Expected, ProcessName, Scenario, Step } from './scenario.ts';
import { durationOf, readable } from './scenario.ts';

export type Lane = 'callers' | ProcessName | 'store' | 'vendor';

/** A row of a diagram: a message between two lanes, a note at one, or, without lanes, time that passes. */
export interface Row {
  readonly from?: Lane;
  readonly to?: Lane;
  readonly text: string;
  /** `bad` is what a product would rather not see; a lane has its `end` where a process is killed. */
  readonly tone: 'plain' | 'good' | 'bad' | 'time' | 'end';
}

export interface Story {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
}

const LANES: readonly Lane[] = ['callers', 'first', 'second', 'store', 'vendor'];

/** Tells a scenario by its own words: its steps, and what the test in core holds to be seen of them. */
export const storyOf = (scenario: Scenario): Story => {
  const rows = rowsOf(scenario);
  return { lanes: LANES.filter((lane) => rows.some(({ from, to }) => from === lane || to === lane)), rows };
};

/** An answer of the vendor that is on its way. */
interface Pending {
  readonly due: number;
  readonly process: ProcessName;
  readonly answer: Answer;
}

const rowsOf = ({ steps, given }: Scenario): readonly Row[] => {
  const rows: Row[] = [];
  const source = [...given.source];
  let pending: readonly Pending[] = [];
  let at = 0;
  let shown = 0;
  for (const step of steps) {
    at += durationOf(step.advance ?? '');
    const process = step.in ?? 'first';
    const asked = source.splice(0, step.expect?.upstreamCalls ?? 0);
    const arrived = pending.filter(({ due }) => due <= at).flatMap((each) => arrival(each.process, each.answer, given.store));
    const later = asked.flatMap((answer) => (answer.after === undefined ? [] : [{ due: at + durationOf(answer.after), process, answer }]));
    pending = [...pending.filter(({ due }) => due > at), ...later];
    const requests = asked.flatMap((answer) => request(process, answer, given));
    const answers = outcome(step.expect, process, given.store);
    // Who is served while the vendor has not answered yet does not wait for it.
    const inOrder = later.length > 0 ? [...answers, ...requests] : [...requests, ...answers];
    const other = outcome(step.meanwhile, process === 'first' ? 'second' : 'first', given.store);
    const seen = [...arrived, ...happening(step, process), ...inOrder, ...other];
    // A peek asks for nothing: beside callers, who get the token, its empty hands look like a contradiction.
    if (step.peek || seen.length === 0) continue;
    if (at > shown) rows.push({ text: `${readable(at - shown)} later`, tone: 'time' });
    shown = at;
    rows.push(...seen);
  }
  return rows;
};

/** What the step itself is. */
const happening = (step: Step, process: ProcessName): readonly Row[] => {
  const note = (text: string): readonly Row[] => [message(process, process, text)];
  const { call, step: turn, secret, adopt, kill } = step;
  if (call !== undefined) return [message('callers', process, call === 1 ? '1 call' : `${call} calls`)];
  if (turn !== undefined)
    return note(`the clock is set ${turn.startsWith('-') ? 'back' : 'forward'} ${readable(Math.abs(durationOf(turn)))}`);
  if (secret !== undefined) return note(`new secret: «${secret}»`);
  if (adopt !== undefined) return note(`holds token ${adopt.token}`);
  return kill ? [message(process, process, 'killed', 'end')] : [];
};

/** The vendor is asked, by whoever holds the lease if there is a store. It answers at once unless the answer says otherwise. */
const request = (process: ProcessName, answer: Answer, { store, singleUse }: Scenario['given']): readonly Row[] => [
  ...(store === undefined ? [] : [message(process, 'store', singleUse ? 'notes: token in use' : 'takes the lease')]),
  message(process, 'vendor', singleUse ? 'sends the refresh token' : 'asks for a token'),
  ...(answer.hang || answer.after !== undefined ? [] : arrival(process, answer, store)),
];

const arrival = (process: ProcessName, { token, error }: Answer, store: string | undefined): readonly Row[] => [
  error === undefined ? message('vendor', process, `token ${token}`, 'good') : message('vendor', process, error, 'bad'),
  ...(store === undefined || token === undefined ? [] : [message(process, 'store', `keeps token ${token}`)]),
];

/** What the callers get, and why. */
const outcome = (expected: Expected | undefined, process: ProcessName, store: string | undefined): readonly Row[] => {
  const events = new Set(expected?.events);
  const results = Object.entries(expected?.result ?? {}).filter(([what]) => what !== 'nothing');
  return [
    ...(events.has('lease_waited') ? [message(process, 'store', 'asks for the lease'), message('store', process, 'taken: wait')] : []),
    ...(expected?.servedFrom === 'store' ? [message('store', process, `token ${results[0]?.[0]}`, 'good')] : []),
    ...(store !== undefined && expected?.result?.['outcome_unknown'] ? [message('store', process, 'it was sent, unanswered', 'bad')] : []),
    ...[...events].flatMap((event) => (NOTES[event] === undefined ? [] : [message(process, process, NOTES[event])])),
    ...results.map(([what, count]) =>
      what.length > 1
        ? message(process, 'callers', `${count} × ${what}`, 'bad')
        : message(process, 'callers', `${count} × token ${what}${events.has('served_stale') ? ', still good' : ''}`, 'good'),
    ),
  ];
};

/** What is worth a line; `acquired` and the like are told by the answer. */
const NOTES: Readonly<Record<string, string>> = {
  refused: 'never sends this secret again',
  guard_tripped: 'sends no secret any more',
};

const message = (from: Lane, to: Lane, text: string, tone: Row['tone'] = 'plain'): Row => ({ from, to, text, tone });
