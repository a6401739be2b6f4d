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
  expect(svg).toMatch(/<desc id="[a-z-]+-desc">After 0, in the first process: [^<]+<\/desc>/);
});

it('tells a life as core is tested with it: served, due after an hour, replaced', () => {
  const { stretches, moments } = storyOf(readScenario('the advisory window', 'one renewal in the background'));
  const second = 3_610_000;
  expect(stretches).toEqual([
    { process: 'first', from: 0, to: 3_600_000, state: 'fresh' },
    { process: 'first', from: 3_600_000, to: second, state: 'advisory' },
    { process: 'first', from: second, to: second + 1, state: 'fresh' },
  ]);
  expect(moments.at(-1)?.seen).toEqual([{ process: 'first', kind: 'good', text: '100 get token b from memory' }]);
});

it('refuses a scenario that is not there any more', () => {
  expect(() => readScenario('the advisory window', 'no such')).toThrow('not exactly one');
});

it('reads and writes durations', () => {
  expect(durationOf('1h59m35s')).toBe(7_175_000);
  expect(durationOf('-2h')).toBe(-7_200_000);
  expect(readable(7_175_000)).toBe('1 h 59 min 35 s');
});
