import { bundleOf } from '../bundles.ts';
import { figureOf, ratiosTo } from '../figures.ts';
import type { Measured } from '../measured.ts';
import { PEERS } from '../peers/index.ts';
import { ours } from '../peers/ours.ts';
import { can } from '../peers/peer.ts';
import { inProcess } from '../processes/run.ts';
import { type Row, sideOf } from '../table.ts';

const PROCESSES = 15;
const CORE = '@auth/core';
const BUNDLED = '@auth/core, bundled';
const PROVIDERS = ['@auth/finicity', '@auth/budgea'] as const;
const OPENID = 'openid-client';
const EMPTY = 'an empty module';

const script = (specifier: string): string =>
  `const started = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - started);`;

const asModule = (code: string): string => `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;

/** What the first import takes, in a process that has imported nothing. */
export const imported = async (): Promise<Measured> => {
  const specifiers = new Map([
    [EMPTY, asModule('')],
    [BUNDLED, asModule(await bundleOf(ours.typicalUse))],
    ...PROVIDERS.map((name) => [name, name] as const),
    ...PEERS.flatMap(({ name, imported: specifier }) => (can(specifier) ? [[name, specifier] as const] : [])),
  ]);
  const times = new Map<string, number[]>([...specifiers.keys()].map((name) => [name, []]));
  for (let round = 0; round < PROCESSES; round += 1)
    for (const [name, specifier] of specifiers)
      times.get(name)?.push(inProcess<number>(['--input-type=module', '--eval', script(specifier)]));
  const timeOf = (name: string) => figureOf(times.get(name) ?? []);
  const ratioOf = (name: string): number => figureOf(ratiosTo(times.get(name) ?? [], times.get(OPENID) ?? [])).median;
  const rows = PEERS.map((peer): Row => {
    const { name, imported: specifier } = peer;
    return can(specifier)
      ? { name, side: sideOf(peer), cells: [timeOf(name)] }
      : { name, side: sideOf(peer), cells: [undefined], remark: specifier.cannot };
  });
  return {
    tables: [
      {
        title: 'Cold import',
        caption: `Milliseconds of the first import, in turn, ${PROCESSES} processes each. Medians (quartiles). Bundled is what a bundler makes of the typical use.`,
        columns: [{ heading: 'ms', isRanked: true }],
        rows: [
          { name: EMPTY, side: 'neither', cells: [timeOf(EMPTY)] },
          ...rows,
          { name: BUNDLED, side: 'ours', cells: [timeOf(BUNDLED)] },
          ...PROVIDERS.map((name): Row => ({ name, side: 'ours', cells: [timeOf(name)] })),
        ],
      },
    ],
    // A peer of the same run as the measure, as times are longer on a busy machine: 5 ms where openid-client takes 16.
    goals: [
      { name: 'cold import of core "." as installed, × openid-client', value: ratioOf(CORE), bound: 0.45, target: 0.31 },
      { name: 'cold import of core "." bundled, × openid-client', value: ratioOf(BUNDLED), bound: 0.45, target: 0.31 },
      // A quarter slower on a quiet machine, most of it for the library of the schemas. The bound catches what costs a file, or a client that is loaded too early.
      ...PROVIDERS.map((name) => ({ name: `cold import of ${name}, × openid-client`, value: ratioOf(name), bound: 1.5, target: 1 })),
    ],
  };
};
