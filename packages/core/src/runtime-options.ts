import type { ProviderRuntime } from './provider-runtime.ts';

/** What one option must be. */
export interface OptionRule {
  readonly fits: (given: unknown) => boolean;
  /** Completes the sentence `store …`. Quotes nothing of what was given, which may be a secret in the wrong place. */
  readonly must: () => string;
}

const isFunction = (given: unknown): boolean => typeof given === 'function';

/** Whether all of these are functions. */
export const hasFunctions =
  (...names: readonly string[]) =>
  (given: unknown): boolean =>
    typeof given === 'object' && given !== null && names.every((name) => isFunction(Reflect.get(given, name)));

/** What the options that every provider has must be. */
export const RUNTIME_RULES: Readonly<Record<keyof ProviderRuntime, OptionRule>> = {
  store: {
    fits: hasFunctions('read', 'write'),
    must: () => 'must be a store, with read and write: pass memoryStore() or redisStore(client), not the client',
  },
  tenant: { fits: (given) => typeof given === 'string' && given !== '', must: () => 'must be a string that is not empty' },
  clock: { fits: hasFunctions('now', 'monotonic', 'after'), must: () => 'must be a clock, with now, monotonic and after' },
  whenStoreIsDown: { fits: (given) => given === 'serve' || given === 'refuse', must: () => 'must be serve or refuse' },
  waitUntil: { fits: isFunction, must: () => 'must be a function that takes a promise' },
  observe: { fits: isFunction, must: () => 'must be a function that takes an event' },
  fetch: { fits: isFunction, must: () => 'must be a function, like fetch' },
};

/** The rule for an option of this name, if every provider has it. */
export const ruleOf = (name: string): OptionRule | undefined => new Map(Object.entries(RUNTIME_RULES)).get(name);

/** Says what is wrong with the runtime in these options, as a sentence without its stop; `undefined` if nothing is. */
export const wrongRuntime = (options: ProviderRuntime): string | undefined => {
  const problems = Object.entries(RUNTIME_RULES).flatMap(([name, { fits, must }]) => {
    const given: unknown = Reflect.get(options, name);
    return given === undefined || fits(given) ? [] : [`${name} ${must()}`];
  });
  return problems.length === 0 ? undefined : problems.join('; ');
};
