import { expect, test } from 'vitest';
import { withoutNoise, withoutRepetition } from './text.ts';

const MAIN = '```ts\n\nexport interface Clock {\n    readonly now: () => number;\n}\n\nexport type Fetch = typeof fetch;\n\n```\n';

test('leaves out what says the same of everything', () => {
  const report =
    '```ts\n\n// @public\nexport interface Clock {\n    // (undocumented)\n    readonly now: () => number;\n}\n\n' +
    '// @public (undocumented)\nexport type Fetch = typeof fetch;\n\n// (No @packageDocumentation comment for this package)\n\n```\n';
  expect(withoutNoise(report)).toBe(MAIN);
});

test('keeps what says something of one declaration', () => {
  const report = '// @public @deprecated\nexport type Fetch = typeof fetch;\n';
  expect(withoutNoise(report)).toBe(report);
});

test('leaves out what the entry uses and the main entry exports', () => {
  const report = '```ts\n\ninterface Clock {\n    readonly now: () => number;\n}\n\nexport const fakeClock: () => Clock;\n\n```\n';
  expect(withoutRepetition(report, MAIN)).toBe('```ts\n\nexport const fakeClock: () => Clock;\n\n```\n');
});

test('keeps what nobody exports, what differs, and what the entry exports itself', () => {
  const report = '```ts\n\ntype Clock = number;\n\ninterface Handle {\n}\n\nexport type Fetch = typeof fetch;\n\n```\n';
  expect(withoutRepetition(report, MAIN)).toBe(report);
});
