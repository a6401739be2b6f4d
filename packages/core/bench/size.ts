// What core "." weighs in a bundle for what a product typically uses, and how long its first import takes.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundled, ON_DEMAND, TYPICAL, TYPICAL_LIMIT, weight } from '@auth/scripts/bundle';
import { report } from './report.ts';

const PROCESSES = 15;
const index = fileURLToPath(new URL('../src/index.ts', import.meta.url));

const typical = await bundled(`export { ${TYPICAL} } from ${JSON.stringify(index)};`, ON_DEMAND);
report(`core "." for ${TYPICAL}, minified and gzipped (kB)`, weight(typical), TYPICAL_LIMIT);

const shared = fileURLToPath(new URL('../src/engine/shared/coordination.ts', import.meta.url));
const whole = await bundled(
  `export { ${TYPICAL} } from ${JSON.stringify(index)}; export * from ${JSON.stringify(shared)};`,
  ON_DEMAND.slice(1),
);
console.log(`      ${weight(whole).toFixed(2).padStart(8)}                 the same with what a store adds, loaded when one is given (kB)`);

const script = `const started = performance.now(); await import('data:text/javascript;base64,${Buffer.from(typical).toString('base64')}'); console.log(performance.now() - started);`;
const times = Array.from({ length: PROCESSES }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })),
).sort((a, b) => a - b);
report(`cold import of it, median of ${PROCESSES} processes (ms)`, times[PROCESSES >> 1] ?? Number.NaN, 5);
