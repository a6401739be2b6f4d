import type { Table } from './table.ts';

/** A figure of ours that has to stay good, or to become better. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  /** The run fails above it. */
  readonly bound?: number;
  /** What we want to reach. */
  readonly target?: number;
}

/** What came of one measurement. */
export interface Measured {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
}
