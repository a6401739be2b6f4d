import { draw } from './draw.ts';
import { readScenario } from './scenario.ts';
import { storyOf } from './story.ts';

/** A diagram that guides can show as `../diagrams/NAME.svg`. */
interface Diagram {
  readonly name: string;
  readonly title: string;
  readonly topic: string;
  readonly scenario: string;
}

const DIAGRAMS: readonly Diagram[] = [
  { name: 'life', title: "A token's life", topic: 'the advisory window', scenario: 'one renewal in the background' },
  { name: 'refresh-fails', title: 'A renewal that fails', topic: 'the mandatory window', scenario: 'a renewal that fails leaves them' },
  { name: 'lock', title: 'Wrong secrets, and the guard', topic: 'the guard', scenario: 'three different wrong secrets' },
  { name: 'many-processes', title: 'Two processes, one request', topic: 'two processes', scenario: 'one call for both' },
  { name: 'holder-killed', title: 'The process that asks is killed', topic: 'two processes', scenario: 'a holder that is killed' },
  { name: 'lost-answer', title: 'An answer that is lost', topic: 'single use', scenario: 'a holder that is killed in mid-flight' },
  { name: 'clock-step', title: 'The wall clock is set back', topic: 'the wall clock', scenario: '2 hours back: a dead token' },
];

/** Every diagram by its name, drawn from the scenarios that core is tested with. */
export const diagrams = (): ReadonlyMap<string, string> =>
  new Map(DIAGRAMS.map(({ name, title, topic, scenario }) => [name, draw(name, title, storyOf(readScenario(topic, scenario)))]));
