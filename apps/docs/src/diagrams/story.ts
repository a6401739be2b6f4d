import { tokenState } from '@auth/core';
import type { Answer, Expected, ProcessName, Scenario, Step } from './scenario.ts';
import { durationOf } from './scenario.ts';

/** A line of a diagram: what happens at a moment, and what is seen of it. */
export interface Moment {
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly process: ProcessName;
  readonly happens: string;
  readonly seen: readonly Seen[];
}

/** `ask` is a call to the vendor, `bad` what a product would rather not see. */
export interface Seen {
  readonly process: ProcessName;
  readonly kind: 'ask' | 'good' | 'bad' | 'note';
  readonly text: string;
}

/** A stretch of a token's life in one process. */
export interface Stretch {
  readonly process: ProcessName;
  readonly from: number;
  readonly to: number;
  readonly state: 'fresh' | 'advisory' | 'mandatory';
}

export interface Story {
  readonly moments: readonly Moment[];
  readonly stretches: readonly Stretch[];
  readonly processes: readonly ProcessName[];
}

/** Tells a scenario by its own words: its steps, and what the test in core holds to be seen of them. */
export const storyOf = (scenario: Scenario): Story => {
  const moments = momentsOf(scenario);
  // A moment longer, so that what begins last is seen.
  const end = (moments.at(-1)?.at ?? 0) + 1;
  return {
    moments,
    stretches: stretchesOf(scenario, end),
    processes: moments.some(({ process }) => process === 'second') ? ['first', 'second'] : ['first'],
  };
};

const momentsOf = ({ steps, given }: Scenario): readonly Moment[] => {
  let at = 0;
  let asked = 0;
  const moments: Moment[] = [];
  for (const step of steps) {
    at += step.advance === undefined ? 0 : durationOf(step.advance);
    const process = step.in ?? 'first';
    const other = process === 'first' ? 'second' : 'first';
    const answers = given.source.slice(asked, asked + (step.expect?.upstreamCalls ?? 0));
    asked += answers.length;
    const seen = [...seenOf(step.expect, process, answers), ...seenOf(step.meanwhile, other, [])];
    // Time alone is drawn by the axis. A peek asks for nothing: beside callers, who get the token, its empty hands look like a contradiction.
    if (step.peek) continue;
    if (step.advance === undefined || seen.length > 0) moments.push({ at, process, happens: whatHappens(step), seen });
  }
  return moments;
};

const whatHappens = (step: Step): string => {
  if (step.call !== undefined) return step.call === 1 ? 'one caller asks' : `${step.call} callers ask`;
  if (step.step !== undefined) return `the wall clock is set ${step.step.startsWith('-') ? 'back' : 'forward'} ${step.step.slice(1)}`;
  if (step.secret !== undefined) return `the secret becomes «${step.secret}»`;
  if (step.adopt !== undefined) return `token ${step.adopt.token} comes from elsewhere`;
  if (step.kill) return 'the process is killed';
  return '';
};

const seenOf = (expected: Expected | undefined, process: ProcessName, answers: readonly Answer[]): readonly Seen[] => {
  if (expected === undefined) return [];
  const results = Object.entries(expected.result ?? {});
  return [
    ...answers.map((answer) => ({ kind: 'ask' as const, text: `vendor asked${outcomeOf(answer)}` })),
    ...[...new Set(expected.events ?? [])].flatMap((event) => EVENTS[event] ?? []),
    ...(expected.waiting ? [{ kind: 'note' as const, text: expected.waiting === 1 ? 'one waits' : `${expected.waiting} wait` }] : []),
    ...results.map(([what, count]) => resultOf(what, count, expected.servedFrom)),
  ].map((seen) => ({ ...seen, process }));
};

const outcomeOf = ({ token, error, hang, after }: Answer): string => {
  if (hang) return '; no answer';
  if (after !== undefined) return `; it takes ${after}`;
  return error === undefined ? `: ${token}` : `: ${error}`;
};

const resultOf = (what: string, count: number, servedFrom: string | undefined): Omit<Seen, 'process'> => {
  const who = count === 1 ? 'one gets' : `${count} get`;
  if (what === 'nothing') return { kind: 'note', text: `${who} nothing without waiting` };
  if (what.length > 1) return { kind: 'bad', text: `${who} ${what}` };
  return { kind: 'good', text: `${who} token ${what}${servedFrom === 'source' ? '' : ` from ${servedFrom}`}` };
};

/** What is worth a line; `acquired` and the like are told by the answer. */
const EVENTS: Readonly<Record<string, Omit<Seen, 'process'>>> = {
  refreshed: { kind: 'note', text: 'the new token takes its place' },
  served_stale: { kind: 'note', text: 'the old one is still good' },
  refused: { kind: 'bad', text: 'the refusal is remembered' },
  guard_tripped: { kind: 'bad', text: 'three are enough: the guard closes' },
  lease_waited: { kind: 'note', text: 'another process is at it' },
};

const stretchesOf = (scenario: Scenario, end: number): readonly Stretch[] => {
  const births = birthsOf(scenario);
  return births.flatMap((birth, index) => {
    const next = births.slice(index + 1).find(({ process }) => process === birth.process);
    return lifeOf(birth, Math.min(next?.at ?? end, end));
  });
};

interface Birth {
  readonly process: ProcessName;
  readonly at: number;
  readonly issuedAt: number;
  readonly lifetime: number;
}

/** When a process first answers with a token, it has it; `adopt` gives it one. */
const birthsOf = ({ steps, given }: Scenario): readonly Birth[] => {
  const lifetime = durationOf(given.lifetime ?? '2h');
  const births: Birth[] = [];
  const issued = new Map<string, number>();
  const held = new Map<ProcessName, string>();
  const has = (process: ProcessName, token: string, at: number): void => {
    if (held.get(process) === token) return;
    held.set(process, token);
    if (!issued.has(token)) issued.set(token, at);
    births.push({ process, at, issuedAt: issued.get(token) ?? at, lifetime });
  };
  let at = 0;
  for (const step of steps) {
    at += step.advance === undefined ? 0 : durationOf(step.advance);
    const process = step.in ?? 'first';
    if (step.adopt !== undefined) has(process, step.adopt.token, at);
    for (const what of Object.keys(step.expect?.result ?? {})) if (what.length === 1) has(process, what, at);
    for (const what of Object.keys(step.meanwhile?.result ?? {}))
      if (what.length === 1) has(process === 'first' ? 'second' : 'first', what, at);
    if (step.kill) held.delete(process);
  }
  return births;
};

/** The windows of a token of two hours, which all diagrams have: an hour and a minute. The engine itself says which is which. */
const WINDOWS = { advisory: 3_600_000, mandatory: 60_000 };

const lifeOf = ({ process, at, issuedAt, lifetime }: Birth, end: number): readonly Stretch[] => {
  const expiresAt = issuedAt + lifetime;
  const bounds = [at, expiresAt - WINDOWS.advisory, expiresAt - WINDOWS.mandatory, expiresAt].filter((bound) => bound >= at && bound < end);
  return [...bounds, end].slice(0, -1).flatMap((from, index) => {
    const to = [...bounds, end][index + 1] ?? end;
    const state = tokenState({ expiresAt }, from + 1, WINDOWS);
    return state === 'expired' || state === 'empty' ? [] : [{ process, from, to, state }];
  });
};
