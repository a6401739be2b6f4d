import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { AuthProvider, Field, ProviderPlugin, ProviderRuntime } from './index.ts';
import { AuthError, createRegistry, memoryStore } from './index.ts';
import { definePlugin } from './kit/index.ts';

interface Options extends ProviderRuntime {
  readonly account: string;
  readonly secret: string;
}
type Provider<Id extends string> = AuthProvider & { readonly id: Id; readonly given: Options };

const field = (name: string, variable: string): Field => ({
  name,
  variable,
  label: name,
  secret: name === 'secret',
  required: true,
  choices: [],
});

const pluginOf = <const Id extends string>(id: Id, made: string[] = []): ProviderPlugin<Id, Options, Provider<Id>> =>
  definePlugin({
    id,
    fields: [field('account', `${id.toUpperCase()}_ACCOUNT`), field('secret', `${id.toUpperCase()}_SECRET`)],
    schema: v.strictObject({ account: v.string(), secret: v.string(), store: v.optional(v.unknown()), observe: v.optional(v.unknown()) }),
    create: (given) => {
      made.push(id);
      return {
        id,
        contract: 1,
        baseUrl: `https://${id}.example/`,
        given,
        asUser: () => {
          throw new Error('not used here');
        },
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

const complete = {
  ALPHA_ACCOUNT: 'a',
  ALPHA_SECRET: 'hunter2-alpha',
  BETA_ACCOUNT: 'b',
  BETA_SECRET: 'hunter2-beta',
};

describe('create', () => {
  it('makes the provider that the configuration names, and no other', () => {
    const { registry, made } = setUp();
    expect(registry.create({ provider: 'beta', options: { account: 'b', secret: 's' } })).toMatchObject({
      id: 'beta',
      given: { account: 'b' },
    });
    expect(made).toEqual(['beta']);
  });

  it('throws for options that do not fit, before a provider is made', () => {
    const { registry, made } = setUp();
    const options = untyped('{ "account": 17 }');
    const error = errorOf(() => registry.create({ provider: 'alpha', options }));
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'alpha' });
    expect(String(error)).toContain('secret (ALPHA_SECRET) is missing');
    expect(made).toEqual([]);
  });

  it('throws for an unknown provider and lists the known ones', () => {
    const { registry } = setUp();
    const config = untyped('{ "provider": "gamma", "options": {} }');
    expect(errorOf(() => registry.create(config))).toMatchObject({
      code: 'misconfigured',
      message: "There is no provider 'gamma'. Known: alpha, beta.",
    });
  });

  it('throws for a plugin of another contract', () => {
    const plugin: ProviderPlugin<'alpha', Options, Provider<'alpha'>> = { ...pluginOf('alpha'), ...untyped('{ "contract": 2 }') };
    const registry = createRegistry([plugin]);
    expect(errorOf(() => registry.create({ provider: 'alpha', options: { account: 'a', secret: 's' } }))).toMatchObject({
      code: 'contract_mismatch',
    });
  });

  it('checks the options of a plugin that does not do so itself', () => {
    const made: string[] = [];
    const { create, ...rest } = pluginOf('alpha', made);
    const lax: ProviderPlugin<'alpha', Options, Provider<'alpha'>> = {
      ...rest,
      create: () => create({ account: 'a', secret: 's' }),
    };
    const options = untyped('{ "account": "a" }');
    expect(errorOf(() => createRegistry([lax]).create({ provider: 'alpha', options }))).toMatchObject({ code: 'misconfigured' });
    expect(made).toEqual([]);
  });

  it('is as strict as the plugin’s own create', () => {
    const options = untyped('{ "account": "a", "secret": "s", "acount": "a" }');
    const { registry } = setUp();
    const [plugin] = registry.plugins;
    const messages = [errorOf(() => plugin?.create(options)), errorOf(() => registry.create({ provider: 'alpha', options }))].map(String);
    expect(messages[0]).toContain('acount is not valid');
    expect(messages[1]).toBe(messages[0]);
  });
});

describe('fromEnv', () => {
  it.each([
    ['alpha', 'a'],
    ['beta', 'b'],
  ])('makes %s when AUTH_PROVIDER says so, from its own variables', (id, account) => {
    const { registry, made } = setUp();
    expect(registry.fromEnv({ ...complete, AUTH_PROVIDER: id })).toMatchObject({ id, given: { account, secret: `hunter2-${id}` } });
    expect(made).toEqual([id]);
  });

  it('reads no variable but those of the selected plugin', () => {
    const { registry } = setUp();
    const read: string[] = [];
    const env = new Proxy<Record<string, string>>(
      { ...complete, AUTH_PROVIDER: 'alpha' },
      {
        get: (target, name) => {
          read.push(String(name));
          return target[String(name)];
        },
      },
    );
    registry.fromEnv(env);
    expect(new Set(read)).toEqual(new Set(['AUTH_PROVIDER', 'ALPHA_ACCOUNT', 'ALPHA_SECRET']));
  });

  it('takes beside the variables what none can hold', () => {
    const { registry } = setUp();
    const store = memoryStore();
    const observe = (): void => {};
    const { given } = registry.fromEnv({ ...complete, AUTH_PROVIDER: 'alpha' }, { store, observe });
    expect([given.store === store, given.observe === observe]).toEqual([true, true]);
  });

  it.each([[{}], [{ AUTH_PROVIDER: '' }], [{ AUTH_PROVIDER: undefined }]])(
    'throws without AUTH_PROVIDER and lists the known ones: %o',
    (env) => {
      expect(errorOf(() => setUp().registry.fromEnv(env))).toMatchObject({
        code: 'misconfigured',
        message: 'AUTH_PROVIDER is not set. Set it to one of: alpha, beta.',
      });
    },
  );

  it.each(['gamma', 'Alpha', ' alpha', '__proto__', 'toString'])('throws for the unknown provider %j and lists the known ones', (id) => {
    expect(errorOf(() => setUp().registry.fromEnv({ AUTH_PROVIDER: id }))).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('Known: alpha, beta'),
    });
  });

  it('throws for missing variables, naming each option and its variable, and shows none of the others', () => {
    const error = errorOf(() => setUp().registry.fromEnv({ ...complete, AUTH_PROVIDER: 'beta', BETA_ACCOUNT: undefined, BETA_SECRET: '' }));
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'beta' });
    expect(AuthError.is(error) && error.message).toBe(
      'The options of beta are not valid: account (BETA_ACCOUNT) is missing; secret (BETA_SECRET) is missing.',
    );
  });
});

describe('plugins', () => {
  it('are listed in the order given, with what a settings page needs', () => {
    expect(setUp().registry.plugins.map(({ id, contract, fields }) => [id, contract, fields.map(({ variable }) => variable)])).toEqual([
      ['alpha', 1, ['ALPHA_ACCOUNT', 'ALPHA_SECRET']],
      ['beta', 1, ['BETA_ACCOUNT', 'BETA_SECRET']],
    ]);
  });
});
