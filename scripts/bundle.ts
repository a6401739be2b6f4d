import { gzipSync } from 'node:zlib';
import { type Plugin, rolldown } from 'rolldown';

/** What a product typically uses of core ".". */
export const TYPICAL = 'AuthError, authorizedFetch, managed';

/** Kilobytes, minified and gzipped, that it may weigh. Checked here for the sources, and by `apps/release` for what is built of them. */
export const TYPICAL_LIMIT = 10.2;

/**
 * The files that are loaded on demand: with a store, where there is something to guard, after an answer that is not a success, after a refused token,
 * for credentials in a body, and for a health page.
 */
export const ON_DEMAND: readonly RegExp[] = [
  /\/shared\/coordination\.[jt]s$/,
  /\/credential-guard\.[jt]s$/,
  /\/refused-tokens\.[jt]s$/,
  /\/call-answer\.[jt]s$/,
  /\/body-fields\.[jt]s$/,
  /\/foreign-origin\.[jt]s$/,
  /\/status\.[jt]s$/,
];

/** Bundles and minifies a module of this text: the code of all files that come of it. Imports that match `external` stay as they are. */
export const bundled = async (source: string, external: readonly RegExp[], platform: 'browser' | 'node' = 'browser'): Promise<string> => {
  const entry: Plugin = {
    name: 'entry',
    // Not by the option of the same name: that writes paths from the working directory, whose length would count.
    resolveId: (id) => (id === 'entry' ? id : external.some((pattern) => pattern.test(id)) ? { id, external: true } : null),
    load: (id) => (id === 'entry' ? source : null),
  };
  const bundle = await rolldown({ input: 'entry', platform, plugins: [entry], makeAbsoluteExternalsRelative: false });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  return output.map((file) => (file.type === 'chunk' ? file.code : '')).join('');
};

/** Kilobytes on the wire. */
export const weight = (code: string): number => gzipSync(code, { level: 9 }).length / 1000;
