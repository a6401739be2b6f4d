import { type Capability, supports } from '@auth/core';
import { ensure } from '../check.ts';
import type { AnyProvider } from './fixture.ts';
import { hasToken, type ProviderRule } from './stage.ts';

const CAPABILITIES: Readonly<Record<Capability, readonly string[]>> = {
  application: ['baseUrl', 'transport', 'authorize', 'shouldRetry', 'errorOf', 'status'],
  secret: ['rotate', 'recover'],
  users: ['create', 'get', 'delete'],
  userTokens: ['issue', 'adopt'],
  codes: ['issue', 'exchange'],
  revocation: ['revoke'],
  connect: ['start', 'complete'],
};

/** What a provider is made of. */
export const shapeRules: readonly ProviderRule[] = [
  {
    name: 'has the capabilities that are declared, whole, and no others',
    run: async (open) => {
      const { fixture, provider } = await open();
      const made = await provider();
      for (const [name, members] of Object.entries(CAPABILITIES) as [Capability, readonly string[]][]) {
        // `entries` forgets the names
        const isDeclared = fixture.capabilities[name] !== undefined;
        const isThere = name in made && made[name] !== undefined;
        ensure(
          isDeclared || !(name in made),
          `The provider has ${name}, which is not declared. Add it to the type and to the fixture, or leave it out altogether.`,
        );
        ensure(
          !isDeclared || isThere,
          `The provider does not have ${name}, which is declared. Add it, or take it out of the type and the fixture.`,
        );
        ensure(
          supports(made, name) === isDeclared,
          `supports(provider, '${name}') says otherwise than the type. Leave out what is not there: undefined counts as there.`,
        );
        for (const member of isDeclared ? members : [])
          ensure(Object.hasOwn(made[name] ?? {}, member), `${name}.${member} is missing. A capability is there whole.`);
      }
    },
  },
  {
    name: 'is of contract version 1, with an id, a base URL that ends in a slash, and reset',
    run: async (open) => {
      const stage = await open();
      const made: AnyProvider = await stage.provider();
      const { id, contract, baseUrl, reset } = made;
      ensure(contract === 1, `contract is ${String(contract)}. It has to be 1, the version of the contract and not of a package.`);
      ensure(typeof id === 'string' && /^[a-z][a-z0-9-]*$/.test(id), 'id has to be a short name in lower case.');
      ensure(
        URL.canParse(baseUrl) && baseUrl.endsWith('/') && !/[?#]/.test(baseUrl),
        'baseUrl has to be an absolute URL that ends in a slash.',
      );
      ensure(typeof reset === 'function', 'reset is missing. Every provider has it: it does nothing where no refusals are counted.');
      await stage.settled(reset());
      const authorities = [made.asUser(await stage.userId()), ...(made.application ? [made.application] : [])];
      for (const authority of authorities) {
        ensure(
          authority.baseUrl.endsWith('/') && new URL(authority.baseUrl).origin === new URL(baseUrl).origin,
          'The baseUrl of an authority has to end in a slash and to be on the origin of the provider’s.',
        );
      }
      const tokens = authorities.some(hasToken);
      ensure(
        tokens === (stage.fixture.token !== undefined),
        tokens
          ? 'An authority has a token, which the type does not say. Narrow asUser or application to TokenAuthority, and add token to the fixture.'
          : 'No authority has a token, although the fixture has an entry for tokens.',
      );
    },
  },
];
