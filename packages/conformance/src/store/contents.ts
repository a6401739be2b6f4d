import { absent, present, written } from './expectations.ts';
import type { StoreRule } from './fixture.ts';

/** Keys that have a meaning to some servers, file systems or languages. */
const KEYS: readonly string[] = [
  ' ',
  'a/b/../c',
  'key:with:colons',
  '{tag}key',
  'star*?[a-z]',
  'quote\'"`;--',
  'line\nbreak\r\ttab',
  'nul\u0000byte',
  '__proto__',
  'constructor',
  'Key',
  'key',
  'é',
  'e\u0301',
  '鍵🗝️',
  `${'x'.repeat(511)}y`,
  `${'x'.repeat(511)}z`,
];

const VALUES: readonly (readonly [string, string])[] = [
  ['an empty text', ''],
  ['a blank', ' '],
  ['a number', '0'],
  ['the word null', 'null'],
  ['JSON', '{"a":"\\u0000","b":[1,"2"]}'],
  ['control characters', Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')],
  ['line ends', 'a\r\nb\rc\n'],
  ['every plane of Unicode', 'ÿ Ω 漢 🏦 𝒳 \u{10ffff} \ufeff \u2028 e\u0301 é'],
  ['a megabyte', 'ä'.repeat(524_288)],
];

/** What keys and values may be. */
export const contentRules: readonly StoreRule[] = [
  {
    name: 'keeps unusual keys apart',
    run: async ({ store, key }) => {
      const versions = new Map<string, string>();
      for (const name of KEYS) versions.set(name, await written(store, key(name), `value of ${name}`));
      for (const name of KEYS)
        await present(store, key(name), `value of ${name}`, versions.get(name), `After ${KEYS.length} unusual keys were written`);
      for (const name of KEYS) {
        await written(store, key(name), undefined);
        await absent(store, key(name), 'After an unusual key was deleted');
      }
    },
  },
  ...VALUES.map(([name, value]) => ({
    name: `takes ${name} for a value`,
    run: async ({ store, key }: Parameters<StoreRule['run']>[0]) => {
      const version = await written(store, key(), value);
      await present(store, key(), value, version, `After ${name} was written`);
      const next = await written(store, key(), value, { ifVersion: version });
      await present(store, key(), value, next, `After ${name} was written over itself`);
    },
  })),
];
