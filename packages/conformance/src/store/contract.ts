import type { Check } from '../check.ts';
import { concurrencyRules } from './concurrency.ts';
import { contentRules } from './contents.ts';
import { failureRules } from './failures.ts';
import type { StoreFixture, StoreRule } from './fixture.ts';
import { lifeRules } from './life.ts';
import { versionRules } from './versions.ts';

const RULES: readonly StoreRule[] = [...versionRules, ...lifeRules, ...concurrencyRules, ...contentRules];

/**
 * The contract of a store as checks, one for each rule that the engine relies on. They need no test runner: hand each to yours.
 *
 * @example
 * ```ts
 * const clock = fakeClock();
 * const store = memoryStore({ clock });
 * const fixture: StoreFixture = {
 *   create: () => store,
 *   elapse: (milliseconds) => clock.advance(milliseconds),
 *   restart: 'lives in one process',
 *   unreachable: 'lives in one process',
 * };
 * for (const { name, run } of storeContract(fixture)) test(name, run);
 * ```
 */
export const storeContract = (fixture: StoreFixture): readonly Check[] => {
  // Several runs on one server must not meet.
  const run = crypto.randomUUID();
  return [...RULES, ...failureRules(fixture)].map((rule, index) => ({
    name: rule.name,
    run: async () => rule.run({ store: await fixture.create(), fixture, key: (name = 'key') => `${run}:${index}:${name}` }),
  }));
};
