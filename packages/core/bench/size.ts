// What core "." weighs in a bundle, for what a product typically uses, and how long its first import takes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { report } from './report.ts';

const index = fileURLToPath(new URL('../src/index.ts', import.meta.url));
const PROCESSES = 15;

const bundle = await rolldown({
  input: 'entry',
  platform: 'browser',
  plugins: [
    {
      name: 'typical use',
      resolveId: (id) => (id === 'entry' ? id : null),
      load: (id) =>
        id === 'entry' ? `export { AuthError, authorizedFetch, createRegistry, managed, supports } from ${JSON.stringify(index)};` : null,
    },
  ],
});
const { output } = await bundle.generate({ format: 'esm', minify: true, entryFileNames: '[name].js', chunkFileNames: '[name].js' });
const chunks = new Map(output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk] as const] : [])));

/** A chunk and those that it cannot start without. */
const closure = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (!seen.has(name)) {
    seen.add(name);
    for (const needed of chunks.get(name)?.imports ?? []) closure(needed, seen);
  }
  return seen;
};
const weight = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? '', { level: 9 }).length, 0) / 1000;

const entry = output[0].fileName;
report('core "." for typical use, minified and gzipped (kB)', weight(closure(entry)), 6.5);
console.log(
  `      ${weight(chunks.keys()).toFixed(2).padStart(8)}                 the same with what is loaded when a store is given (kB)`,
);

const folder = mkdtempSync(join(tmpdir(), 'core-size-'));
for (const [name, { code }] of chunks) writeFileSync(join(folder, name), code);
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
const script = `const started = performance.now(); await import(${JSON.stringify(pathToFileURL(join(folder, entry)).href)}); console.log(performance.now() - started);`;
const times = Array.from({ length: PROCESSES }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })),
).sort((a, b) => a - b);
report(`cold import of it, median of ${PROCESSES} processes (ms)`, times[PROCESSES >> 1] ?? Number.NaN, 5);
rmSync(folder, { recursive: true });
