import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DOCS } from '../paths.ts';
import { diagrams } from './diagrams.ts';
import { durationOf, readable, readScenario } from './scenario.ts';
import { storyOf } from './story.ts';

it('draws every diagram that a guide shows', () => {
  const guides = globSync('guides/*.md', { cwd: DOCS }).map((file) => readFileSync(join(DOCS, file), 'utf8'));
  const shown = guides.flatMap((guide) => [...guide.matchAll(/\.\.\/diagrams\/([a-z-]+)\.svg/g)].map(([, name]) => name));
  expect([...diagrams().keys()]).toEqual(expect.arrayContaining(shown));
});

it.each([...diagrams()])('says in words what %s shows', (name, svg) => {
  expect(svg).toContain(`aria-labelledby="${name}-title ${name}-desc"`);
  expect(svg).toMatch(/<title id="[a-z-]+-title">[^<]+<\/title>/);
  expect(svg).toMatch(/<desc id="[a-z-]+-desc">(?:callers to process(?: 1)?|process 1): [^<]+<\/desc>/);
});

/** What is said in a scenario, each row in a line. */
const told = (topic: string, beginning: string): readonly string[] =>
  storyOf(readScenario(topic, beginning)).rows.map(({ from, to, text }) => (from === undefined ? text : `${from} > ${to}: ${text}`));

it('tells a life as core is tested with it: nobody waits for the renewal', () => {
  expect(told('the advisory window', 'one renewal in the background')).toEqual([
    'callers > first: 1 call',
    'first > vendor: asks for a token',
    'vendor > first: token a',
    'first > callers: 1 × token a',
    '1 h later',
    'callers > first: 100 calls',
    'first > callers: 100 × token a',
    'first > vendor: asks for a token',
    '5 s later',
    'callers > first: 100 calls',
    'first > callers: 100 × token a',
    '5 s later',
    'vendor > first: token b',
    'callers > first: 100 calls',
    'first > callers: 100 × token b',
  ]);
});

it('keeps every text inside of its picture', () => {
  for (const svg of diagrams().values())
    for (const [, x, text = ''] of svg.matchAll(/<text class="\S+" x="([\d.]+)" y="[\d.]+">(.+?)<\/text>/g)) {
      expect(Number(x) - text.length * 3).toBeGreaterThanOrEqual(0);
      expect(Number(x) + text.length * 3).toBeLessThanOrEqual(340);
    }
});

it('refuses a scenario that is not there any more', () => {
  expect(() => readScenario('the advisory window', 'no such')).toThrow('not exactly one');
});

it('reads and writes durations', () => {
  expect(durationOf('1h59m35s')).toBe(7_175_000);
  expect(durationOf('-2h')).toBe(-7_200_000);
  expect(readable(7_175_000)).toBe('1 h 59 min 35 s');
  expect(readable(4_025)).toBe('4 s');
  expect(readable(1)).toBe('1 ms');
});
