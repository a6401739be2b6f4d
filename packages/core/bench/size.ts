// What core "." weighs in a bundle for what a product typically uses, and how long its first import takes.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { report } from './report.ts';

const TYPICAL = 'AuthError, authorizedFetch, managed';
const PROCESSES = 15;
const index = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** The files that are loaded on demand: with a store, and for a health page. */
const onDemand = [/\/shared\/shared\.ts$/, /\/status\.ts$/];

const bundled = async (source: string, external: readonly RegExp[]): Promise<string> => {
  const bundle = await rolldown({
    input: 'entry',
    platform: 'browser',
    external: [...external],
    plugins: [{ name: 'entry', resolveId: (id) => (id === 'entry' ? id : null), load: (id) => (id === 'entry' ? source : null) }],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  return output[0].code;
};
const weight = (code: string): number => gzipSync(code, { level: 9 }).length / 1000;

const typical = await bundled(`export { ${TYPICAL} } from ${JSON.stringify(index)};`, onDemand);
report(`core "." for ${TYPICAL}, minified and gzipped (kB)`, weight(typical), 6.5);

const shared = fileURLToPath(new URL('../src/engine/shared/shared.ts', import.meta.url));
const whole = await bundled(`export { ${TYPICAL} } from ${JSON.stringify(index)}; export * from ${JSON.stringify(shared)};`, [
  /\/status\.ts$/,
]);
console.log(`      ${weight(whole).toFixed(2).padStart(8)}                 the same with what a store adds, loaded when one is given (kB)`);

const script = `const started = performance.now(); await import('data:text/javascript;base64,${Buffer.from(typical).toString('base64')}'); console.log(performance.now() - started);`;
const times = Array.from({ length: PROCESSES }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })),
).sort((a, b) => a - b);
report(`cold import of it, median of ${PROCESSES} processes (ms)`, times[PROCESSES >> 1] ?? Number.NaN, 5);
