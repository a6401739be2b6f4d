import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';

/** What `scenarios.json` says, as far as diagrams show it. The file explains its own words. */
export interface Scenario {
  readonly topic: string;
  readonly name: string;
  readonly given: { readonly source: readonly Answer[]; readonly store?: string; readonly singleUse?: boolean };
  readonly steps: readonly Step[];
}

export interface Answer {
  readonly token?: string;
  readonly error?: string;
  readonly hang?: boolean;
  readonly after?: string;
}

export type ProcessName = 'first' | 'second';

export interface Step {
  readonly in?: ProcessName;
  readonly expect?: Expected;
  readonly meanwhile?: Expected;
  readonly call?: number;
  readonly peek?: boolean;
  readonly advance?: string;
  readonly step?: string;
  readonly secret?: string;
  readonly adopt?: { readonly token: string };
  readonly kill?: boolean;
}

export interface Expected {
  readonly result?: Readonly<Record<string, number>>;
  readonly servedFrom?: string;
  readonly upstreamCalls?: number;
  readonly events?: readonly string[];
}

const FILE = join(ROOT, 'packages/core/src/scenarios/scenarios.json');

/** The scenario of this topic whose name begins so. There has to be exactly one. */
export const readScenario = (topic: string, beginning: string): Scenario => {
  const { scenarios } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly scenarios: readonly Scenario[] }; // our own file, tested in core
  const [found, ...others] = scenarios.filter((scenario) => scenario.topic === topic && scenario.name.startsWith(beginning));
  if (found === undefined || others.length > 0) throw new Error(`scenarios.json has not exactly one «${topic}: ${beginning}…».`);
  return found;
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1h59m35s` in milliseconds, with a sign if there is one. */
export const durationOf = (text: string): number => {
  const sign = text.startsWith('-') ? -1 : 1;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhd])/g)) sum += Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  return sign * sum;
};

/** `1 h 59 min 35 s`; from a second on without milliseconds. */
export const readable = (milliseconds: number): string => {
  let left = milliseconds < 1_000 ? milliseconds : Math.round(milliseconds / 1_000) * 1_000;
  return ['d', 'h', 'm', 's', 'ms']
    .flatMap((unit) => {
      const count = Math.floor(left / (UNITS[unit] ?? 1));
      left -= count * (UNITS[unit] ?? 1);
      return count === 0 ? [] : [`${count} ${unit === 'm' ? 'min' : unit}`];
    })
    .join(' ');
};
