import { setTimeout } from 'node:timers/promises';
import { CLIENT_TIMEOUT, MARKER } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';
import { FAULTS } from './vendor.ts';

/** Whom a trouble hits, and how hard, from 0 to 1. */
export interface Target {
  readonly index: number;
  readonly subject: string;
  readonly force: number;
}

/** Something that goes wrong. Resolves when it is over. */
export type Trouble = (target: Target) => Promise<void>;

/** All troubles, by name. Those that are named twice come twice as often. */
export const troublesOf = ({ fleet, vendor, shared, record, connect }: Supervisor): readonly (readonly [string, Trouble])[] => {
  let mistakes = 0;
  const kill: Trouble = ({ index, force }) => fleet.kill(index, 1_500 * force);
  // Two of five are longer than a lease lives.
  const stop: Trouble = ({ index, force }) => fleet.stop(index, 100 + 5_900 * force ** 1.4);
  return [
    ['kill', kill],
    ['kill', kill],
    ['stop', stop],
    ['stop', stop],
    ['stop', stop],
    ['wrong secret', ({ index, force }) => fleet.mistake(index, `${MARKER}-wrong-${mistakes++}`, 2_000 + 6_000 * force)],
    ['revoke', async ({ subject }) => vendor.revoke(subject)],
    ['revoke', async ({ subject }) => vendor.revoke(subject)],
    ['adopt', async ({ index, subject }) => connect(index, subject)],
    ...FAULTS.map((fault): [string, Trouble] => [
      fault,
      async ({ force }) => {
        const over = record.begin('vendor');
        vendor.fail(fault, 500 + 3_500 * force);
        // The last request of it may take as long as its client waits.
        await setTimeout(500 + 3_500 * force + CLIENT_TIMEOUT);
        over();
      },
    ]),
    ...Object.entries(shared.troubles).map(([name, run]): [string, Trouble] => [
      `store ${name}`,
      async ({ index, subject, force }) => {
        const over = record.begin('store');
        const done = run(200 + 2_300 * force);
        // What is refused now cannot be taken out of the store, and what is adopted may get there late.
        vendor.revoke(subject);
        connect(index, subject);
        await done;
        over();
      },
    ]),
  ];
};
