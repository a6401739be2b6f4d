import { readFileSync } from 'node:fs';
import { cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { short } from './figures.ts';
import type { Goal } from './measured.ts';
import { PEERS } from './peers/index.ts';
import { BENCH } from './processes/run.ts';
import type { Table } from './table.ts';

/** What the figures were taken on. */
export const machine = (): string => {
  const processors = cpus();
  return `Node ${process.version} on ${platform()} ${release()}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`;
};

/** The peers, as they are installed. */
export const versions = (): string =>
  PEERS.flatMap(({ package: name, isOurs }) => (name === undefined || isOurs ? [] : [`${name} ${versionOf(name)}`])).join(', ');

const versionOf = (name: string): string => JSON.parse(readFileSync(join(BENCH, 'node_modules', name, 'package.json'), 'utf8')).version;

export const isExceeded = ({ value, bound }: Goal): boolean => bound !== undefined && !(value <= bound);

/** Our own figures, with what they have to keep and what they are to reach. */
export const goalTable = (goals: readonly Goal[]): Table => ({
  title: 'Where we stand',
  caption: 'A bound that is exceeded fails the run. A target is what we work towards.',
  columns: [{ heading: 'now' }, { heading: 'bound' }, { heading: 'target' }, { heading: '' }],
  rows: goals.map((goal) => ({
    name: goal.name,
    side: 'neither',
    cells: [short(goal.value), cellOf(goal.bound), cellOf(goal.target), verdictOn(goal)],
  })),
});

const cellOf = (limit: number | undefined): string => (limit === undefined ? '–' : String(limit));

const verdictOn = (goal: Goal): string => {
  if (isExceeded(goal)) return 'OVER';
  return goal.target !== undefined && goal.value > goal.target ? 'to do' : 'ok';
};
