import { AuthError } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { pluginOf, registry, secretVariableOf } from '../providers.ts';
import { openWire } from '../wire.ts';
import { changesIn, createProvider, createSettings, problemsIn } from './settings.ts';

const FIELDS = [
  { name: 'account', variable: 'ACME_ACCOUNT', label: 'Account', secret: false, required: true, choices: [] },
  { name: 'secret', variable: 'ACME_SECRET', label: 'Secret', secret: true, required: true, choices: [] },
  { name: 'extra', variable: 'ACME_EXTRA', label: 'Extra', secret: true, required: false, choices: [] },
  { name: 'region', variable: 'ACME_REGION', label: 'Region', secret: false, required: false, choices: ['us', 'au'] },
];

describe('a submitted form of settings', () => {
  it('changes what was filled in, without blanks around it', () => {
    expect([...changesIn(FIELDS, { account: ' 17 ', secret: 'new', region: 'au' })]).toEqual([
      ['ACME_ACCOUNT', '17'],
      ['ACME_SECRET', 'new'],
      ['ACME_REGION', 'au'],
    ]);
  });

  it('keeps a secret that was left empty, and takes away other empty settings', () => {
    expect([...changesIn(FIELDS, { account: '17', secret: '', extra: '', region: '' })]).toEqual([
      ['ACME_ACCOUNT', '17'],
      ['ACME_REGION', undefined],
    ]);
  });

  it('takes away an optional secret when told so, and never a required one', () => {
    expect([...changesIn(FIELDS, { 'remove-extra': 'on', 'remove-secret': 'on' })]).toEqual([['ACME_EXTRA', undefined]]);
  });
});

describe.each(registry.plugins.map(({ id }) => id))('the settings of %s', (id) => {
  const { fields } = pluginOf(id);

  it('have each problem beside its field', () => {
    const refusal = refusalOf(() => createProvider(id, { get: (variable) => (variable.endsWith('_ID') ? 'no digits' : undefined) }, {}));
    const problems = problemsIn(refusal.message, fields);
    for (const { name, variable, required } of fields) {
      if (!required) expect(problems.get(name)).toBeUndefined();
      else if (variable.endsWith('_ID')) expect(problems.get(name)).toMatch(/^must be the digits of your \w+ ID$/);
      else expect(problems.get(name)).toMatch(/missing/);
    }
  });

  it('give the provider a changed secret without another provider', async () => {
    const wire = await openWire(id, {});
    const settings = createSettings(wire.environment);
    await using provider = createProvider(id, settings, {});
    const userId = 'users' in provider ? (await provider.users.create({ reference: 'settings-1' })).id : '1';
    const lose = async (): Promise<void> => {
      const token = provider.asUser(userId).peek();
      if (token) await provider.asUser(userId).invalidate(token);
    };
    await lose();
    settings.override(secretVariableOf(id), 'a-wrong-secret-0');
    await expect(provider.asUser(userId).token()).rejects.toMatchObject({ code: 'invalid_credentials' });
    settings.restore(secretVariableOf(id));
    await provider.reset();
    await expect(provider.asUser(userId).token()).resolves.toBeDefined();
    await wire.close();
  });
});

describe('a setting that is overridden', () => {
  it('comes back as it was before the first time', () => {
    const settings = createSettings({ ACME_SECRET: 'right' });
    settings.override('ACME_SECRET', 'wrong');
    settings.override('ACME_SECRET', 'wrong again');
    settings.restore('ACME_SECRET');
    expect(settings.get('ACME_SECRET')).toBe('right');
  });

  it('stays when it was set on purpose meanwhile', () => {
    const settings = createSettings({ ACME_SECRET: 'old' });
    settings.override('ACME_SECRET', 'wrong');
    settings.set('ACME_SECRET', 'new');
    settings.restore('ACME_SECRET');
    expect(settings.get('ACME_SECRET')).toBe('new');
  });
});

describe('the vault', () => {
  const [id] = registry.plugins.map((plugin) => plugin.id);
  if (id === undefined) throw new Error('There is no vendor.');
  const variable = secretVariableOf(id);

  it('keeps the right secret while the product has a wrong one, and a rotation changes the right one', async () => {
    const settings = createSettings({ [variable]: 'right' });
    settings.override(variable, 'wrong');
    const vault = settings.vaultOf(id);
    expect(await vault.read()).toEqual({ current: 'right', pending: null });
    await vault.write({ current: 'right', pending: 'next' });
    await vault.write({ current: 'next', pending: null });
    expect(settings.get(variable)).toBe('wrong');
    settings.restore(variable);
    expect([settings.get(variable), await vault.read()]).toEqual(['next', { current: 'next', pending: null }]);
  });
});

const refusalOf = (run: () => unknown): AuthError => {
  try {
    run();
  } catch (error) {
    if (AuthError.is(error)) return error;
  }
  throw new Error('It was not refused.');
};
