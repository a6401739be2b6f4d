import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuthProvider, Field, ProviderPlugin, ProviderRuntime } from './index.ts';
import { createRegistry, memoryStore } from './index.ts';
import { definePlugin, optionsSchema } from './kit/index.ts';

type Options = ProviderRuntime & { readonly account: string; readonly secret: string };
type Provider<Id extends string> = AuthProvider & { readonly id: Id; readonly given: Options };

const field = (name: string, variable: string): Field => {
  const secret = name === 'secret';
  return { name, variable, label: name, secret, required: true, choices: [] };
};
const asUser = (): never => {
  throw new Error('not used here');
};

const pluginOf = <const Id extends string>(id: Id, made: string[] = []): ProviderPlugin<Id, Options, Provider<Id>> =>
  definePlugin({
    id,
    fields: [field('account', `${id.toUpperCase()}_ACCOUNT`), field('secret', `${id.toUpperCase()}_SECRET`)],
    schema: optionsSchema({ account: v.string(), secret: v.string() }),
    create: (given) => {
      made.push(id);
      return {
        id,
        contract: 1,
        baseUrl: `https://${id}.example/`,
        given,
        asUser,
        reset: async () => {},
        [Symbol.asyncDispose]: async () => {},
      };
    },
  });

const setUp = () => {
  const made: string[] = [];
  return { made, registry: createRegistry([pluginOf('alpha', made), pluginOf('beta', made)]) };
};

const errorOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return error;
  }
};

/** Untyped, like a configuration file. */
const untyped = (text: string) => JSON.parse(text);

const complete = { ALPHA_ACCOUNT: 'a', ALPHA_SECRET: 'hunter2-alpha', BETA_ACCOUNT: 'b', BETA_SECRET: 'hunter2-beta' };

describe('create', () => {
  it('makes the provider that the configuration names, and no other', () => {
    const { registry, made } = setUp();
    const provider = registry.create({ provider: 'beta', options: { account: 'b', secret: 's' } });
    expect(provider).toMatchObject({ id: 'beta', given: { account: 'b' } });
    expect(made).toEqual(['beta']);
  });

  it.each([
    ['options that do not fit', '{ "provider": "alpha", "options": { "account": 17 } }', 'alpha', 'secret (ALPHA_SECRET) is missing'],
    ['an unknown provider', '{ "provider": "gamma" }', 'core', "There is no provider 'gamma'. Known: alpha, beta."],
  ])('throws for %s, and says what would do, before a provider is made', (_, config, provider, message) => {
    const { registry, made } = setUp();
    const error = errorOf(() => registry.create(untyped(config)));
    expect(error).toMatchObject({ code: 'misconfigured', provider, message: expect.stringContaining(message) });
    expect(made).toEqual([]);
  });

  it('throws for a plugin of another contract', () => {
    const registry = createRegistry([{ ...pluginOf('alpha'), ...untyped('{ "contract": 2 }') }]);
    const error = errorOf(() => registry.create({ provider: 'alpha', options: { account: 'a', secret: 's' } }));
    expect(error).toMatchObject({ code: 'contract_mismatch' });
  });

  it('checks the options of a plugin that does not do so itself', () => {
    const made: string[] = [];
    const { create, ...rest } = pluginOf('alpha', made);
    const lax: ProviderPlugin<'alpha', Options, Provider<'alpha'>> = { ...rest, create: () => create({ account: 'a', secret: 's' }) };
    const options = untyped('{ "account": "a" }');
    expect(errorOf(() => createRegistry([lax]).create({ provider: 'alpha', options }))).toMatchObject({ code: 'misconfigured' });
    expect(made).toEqual([]);
  });

  it('is as strict as the plugin’s own create', () => {
    const options = untyped('{ "account": "a", "secret": "s", "acount": "a" }');
    const { registry } = setUp();
    const messages = [() => pluginOf('alpha').create(options), () => registry.create({ provider: 'alpha', options })]
      .map(errorOf)
      .map(String);
    expect(messages[0]).toContain("acount is not an option (did you mean 'account'?)");
    expect(messages[1]).toBe(messages[0]);
  });
});

describe('fromEnv', () => {
  it.each([
    ['alpha', 'a'],
    ['beta', 'b'],
  ])('makes %s when AUTH_PROVIDER says so, and reads no variables but its own', (id, account) => {
    const { registry, made } = setUp();
    const read: string[] = [];
    const get = (target: Readonly<Record<string, string>>, name: string | symbol) => {
      read.push(String(name));
      return target[String(name)];
    };
    const env = new Proxy<Record<string, string>>({ ...complete, AUTH_PROVIDER: id }, { get });
    expect(registry.fromEnv(env)).toMatchObject({ id, given: { account, secret: `hunter2-${id}` } });
    expect(made).toEqual([id]);
    expect(new Set(read)).toEqual(new Set(['AUTH_PROVIDER', `${id.toUpperCase()}_ACCOUNT`, `${id.toUpperCase()}_SECRET`]));
  });

  it('takes beside the variables what none can hold', () => {
    const runtime = { store: memoryStore(), tenant: 'customer-17', observe: (): void => {} };
    const { given } = setUp().registry.fromEnv({ ...complete, AUTH_PROVIDER: 'alpha' }, runtime);
    expect([given.store, given.tenant, given.observe]).toEqual([runtime.store, runtime.tenant, runtime.observe]);
  });

  it.each([
    ...[undefined, ''].map((id) => [id, 'AUTH_PROVIDER is not set. Set it to one of: alpha, beta.']),
    ...['gamma', '__proto__', 'toString'].map((id) => [id, `There is no provider '${id}'. Known: alpha, beta.`]),
    ...['Alpha', ' alpha', 'alpah'].map((id) => [id, `There is no provider '${id}' (did you mean 'alpha'?). Known: alpha, beta.`]),
  ])('throws where AUTH_PROVIDER is %j, and lists the known ones', (id, message) => {
    expect(errorOf(() => setUp().registry.fromEnv({ AUTH_PROVIDER: id }))).toMatchObject({ code: 'misconfigured', message });
  });

  it('throws for missing variables, naming each option and its variable, and shows none of the others', () => {
    const env = { ...complete, AUTH_PROVIDER: 'beta', BETA_ACCOUNT: undefined, BETA_SECRET: '' };
    expect(errorOf(() => setUp().registry.fromEnv(env))).toMatchObject({
      code: 'misconfigured',
      provider: 'beta',
      message: 'The options of beta are not valid: account (BETA_ACCOUNT) is missing; secret (BETA_SECRET) is missing.',
    });
  });
});

describe('what JavaScript lets one pass', () => {
  const alpha = pluginOf('alpha');
  const provider = alpha.create({ account: 'a', secret: 's' });
  const finicity = (): unknown => provider;
  /** Any arguments. */
  const createUntyped: (...given: readonly unknown[]) => unknown = createRegistry as never; // that is what is tested
  const registry = createRegistry([alpha]) as unknown as Record<'create' | 'fromEnv', (...given: readonly unknown[]) => unknown>; // the same

  it.each<[string, () => unknown, string]>([
    [
      'plugins that are not in a list',
      () => createUntyped(alpha, alpha),
      'createRegistry takes a list of plugins: createRegistry([finicityPlugin, budgeaPlugin]).',
    ],
    ['nothing', () => createUntyped(), 'createRegistry takes a list of plugins: createRegistry([finicityPlugin, budgeaPlugin]).'],
    ['an empty list', () => createUntyped([]), 'createRegistry needs a plugin: createRegistry([finicityPlugin]).'],
    ['a factory', () => createUntyped([finicity]), 'Pass the plugin instead of what it makes: createRegistry([finicityPlugin]).'],
    [
      'a provider',
      () => createUntyped([provider]),
      'createRegistry was given a provider. Pass the plugin instead of what it makes: createRegistry([alphaPlugin]).',
    ],
    [
      'an import that is undefined',
      () => createUntyped([alpha, undefined]),
      'Number 2 in the list of createRegistry is not a plugin. Pass plugins, like finicityPlugin.',
    ],
    [
      'one plugin twice',
      () => createUntyped([alpha, alpha]),
      "Two plugins of createRegistry have the id 'alpha'. Leave one out, or give it an id of its own.",
    ],
    ['the id alone', () => registry.create('alpha', {}), 'registry.create takes the id and the options: create({ provider, options }).'],
    ['no environment', () => registry.fromEnv(), 'registry.fromEnv takes the environment: fromEnv(process.env).'],
    [
      'a runtime that is no object',
      () => registry.fromEnv({}, 'x'),
      'The second argument of registry.fromEnv is an object: fromEnv(process.env, { store }).',
    ],
    [
      'a store instead of the runtime',
      () => registry.fromEnv({ ...complete, AUTH_PROVIDER: 'alpha' }, memoryStore()),
      'registry.fromEnv takes a store as an option: fromEnv(process.env, { store }).',
    ],
  ])('is told in a sentence that says what to do: %s', (_, misuse, message) => {
    expect(errorOf(misuse)).toMatchObject({ code: 'misconfigured', message });
  });
});

describe('a misspelt variable', () => {
  it('is named if the variable that was meant is not set, because it would be ignored silently', () => {
    const env = { AUTH_PROVIDER: 'alpha', ALPHA_ACOUNT: 'a', ALPHA_SECRET: 's' };
    expect(errorOf(() => setUp().registry.fromEnv(env))).toMatchObject({
      code: 'misconfigured',
      message: "ALPHA_ACOUNT is not a variable of alpha (did you mean 'ALPHA_ACCOUNT'?). Correct it, or leave it out.",
    });
  });

  it.each(['ALPHA_ACOUNT', 'ALPHA_ACCOUNT_NUMBER', 'ALPHA_REGION', 'BETA_ACOUNT'])(
    'is nobody’s business if %s cannot be meant for one that is missing',
    (name) => {
      expect(setUp().registry.fromEnv({ ...complete, AUTH_PROVIDER: 'alpha', [name]: 'x' })).toMatchObject({ id: 'alpha' });
    },
  );
});

describe('what somebody put on Object.prototype', () => {
  it('is neither an option, nor a variable, nor the provider', () => {
    const polluted = {
      AUTH_PROVIDER: 'beta',
      ALPHA_ACCOUNT: 'evil',
      account: 'evil',
      baseUrl: 'https://evil.example/',
      fetch: () => {},
      provider: 'beta',
      options: {},
    };
    onTestFinished(() => {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    });
    const { registry } = setUp();
    for (const [name, value] of Object.entries(polluted))
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: true });
    const none = errorOf(() => registry.fromEnv({}));
    const missing = errorOf(() => registry.fromEnv({ AUTH_PROVIDER: 'alpha', ALPHA_SECRET: 's' }));
    const { given } = registry.fromEnv({ AUTH_PROVIDER: 'alpha', ALPHA_ACCOUNT: 'a', ALPHA_SECRET: 's' });
    const created = registry.create({ provider: 'alpha', options: { account: 'a', secret: 's' } }).given;
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    expect(none).toMatchObject({ message: 'AUTH_PROVIDER is not set. Set it to one of: alpha, beta.' });
    expect(missing).toMatchObject({ message: expect.stringContaining('account (ALPHA_ACCOUNT) is missing') });
    for (const options of [given, created]) expect([options.account, options.fetch, 'baseUrl' in options]).toEqual(['a', undefined, false]);
  });
});

it('lists its plugins in the order given, with what a settings page needs', () => {
  const listed = setUp().registry.plugins.map(({ id, contract, fields }) => [id, contract, ...fields.map(({ variable }) => variable)]);
  expect(listed).toEqual(['alpha', 'beta'].map((id) => [id, 1, `${id.toUpperCase()}_ACCOUNT`, `${id.toUpperCase()}_SECRET`]));
});
