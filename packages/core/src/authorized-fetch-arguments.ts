import type { Authority } from './authority.ts';
import { AuthError } from './errors.ts';
import { ownMembers } from './own-members.ts';
import { hasFunctions, type OptionRule, RUNTIME_RULES } from './runtime-options.ts';

const RULES: Readonly<Record<string, OptionRule>> = {
  fetch: RUNTIME_RULES.fetch,
  baseUrl: { fits: (given) => typeof given === 'string' && URL.canParse(given), must: () => 'must be an absolute URL' },
  throwHttpErrors: { fits: (given) => typeof given === 'boolean', must: () => 'must be true or false' },
};

/** What JavaScript lets one pass instead of an authority. Throws `misconfigured`, and says what to write. */
export const checkAuthority = (given: Authority): void => {
  const what = insteadOfAuthority(given);
  if (what !== undefined) throw misuse(`authorizedFetch ${what}`);
};

/** The options' own members. Throws `misconfigured` for what is not an option, and for wrong ones. */
export const checkedFetchOptions = <Options extends object>(given: Options): Options => {
  if (typeof given === 'function') throw misuse('authorizedFetch takes fetch as an option: authorizedFetch(authority, { fetch })');
  if (typeof given !== 'object' || given === null) throw misuse('The options of authorizedFetch must be an object: { fetch, baseUrl }');
  const options = ownMembers(given);
  const names = Object.keys(RULES);
  const problems = Object.entries(options).flatMap(([name, value]) => {
    const rule = names.includes(name) ? RULES[name] : undefined;
    if (rule) return value === undefined || rule.fits(value) ? [] : [`${name} ${rule.must()}`];
    return [`${name} is not an option, the options are ${names.join(', ')}`];
  });
  if (problems.length > 0) throw misuse(`The options of authorizedFetch are not valid: ${problems.join('; ')}`);
  return options;
};

const AN_AUTHORITY = 'provider.asUser(userId), or provider.application if the provider has one';

const insteadOfAuthority = (given: unknown): string | undefined => {
  if (typeof given === 'function') return 'was given a function. Call it: authorizedFetch(provider.asUser(userId))';
  if (typeof given !== 'object' || given === null) return `was given no authority. Pass ${AN_AUTHORITY}`;
  if (hasFunctions('then')(given)) return 'was given a promise. Await it first';
  if (hasFunctions('asUser')(given)) return `was given a provider. Say on whose behalf: pass ${AN_AUTHORITY}`;
  if (!hasFunctions('authorize', 'shouldRetry', 'transport')(given) || !('baseUrl' in given))
    return `was given something else than an authority. Pass ${AN_AUTHORITY}`;
  return undefined;
};

const misuse = (message: string): AuthError =>
  new AuthError(`${message}.`, { code: 'misconfigured', provider: 'core', operation: 'authorizedFetch' });
