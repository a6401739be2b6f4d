import type { SecretVault } from '@auth/core';
import { ensure } from '../check.ts';
import type { AnyFixture, AnyProvider, OperationName } from './fixture.ts';
import { chill, hasToken, type Side, type Stage } from './stage.ts';

/** An operation that sends something. */
export interface Operation {
  readonly name: OperationName;
  /** `false` where a second call would do something else than the first. */
  readonly idempotent: boolean;
  /** What it resolves to comes from the answer, so it cannot do without one. */
  readonly readsAnswer: boolean;
  /** Makes all that it takes, with every token at hand, so that its own request is the first to be sent. Nothing where there is no such operation. */
  readonly prepare: (stage: Stage) => Promise<Prepared | undefined>;
}

/** An operation that is ready. */
export interface Prepared {
  readonly provider: AnyProvider;
  readonly run: () => Promise<unknown>;
}

/** What this provider can be asked. */
export const operationsOf = ({ capabilities, token }: AnyFixture): readonly Operation[] =>
  OPERATIONS.filter(({ name }) => {
    const [capability = '', member] = name.split('.');
    if (member === 'token' && token === undefined) return false;
    return capability === 'asUser' || capability in capabilities;
  });

/** One of them. */
export const operationOf = (fixture: AnyFixture, name: OperationName): Operation => {
  const operation = operationsOf(fixture).find((candidate) => candidate.name === name);
  ensure(operation !== undefined, `The fixture expects something of ${name}, which the provider does not have.`);
  return operation;
};

type CapabilityOf<Name extends keyof AnyProvider> = NonNullable<AnyProvider[Name]>;

const tokenOperation = (name: 'asUser' | 'application'): Operation => ({
  name: `${name}.token`,
  idempotent: true,
  readsAnswer: true,
  prepare: async (stage) => {
    if (stage.fixture.token?.from !== 'vendor') return undefined;
    const userId = await stage.userId();
    const of: Side['of'] = (provider) => (name === 'asUser' ? provider.asUser(userId) : there(provider, 'application'));
    const provider = await stage.provider();
    const authority = of(provider);
    if (!hasToken(authority)) return undefined;
    const tokenOf = (other: AnyProvider) => {
      const one = of(other);
      ensure(hasToken(one), 'One authority of this kind has a token and another has none.');
      return one;
    };
    await chill(stage, { name, of: tokenOf, path: '' });
    return { provider, run: () => authority.token() };
  },
});

/** An operation of a capability, by a provider whose tokens are at hand. */
const capabilityOperation = <Name extends Exclude<keyof AnyProvider, symbol>>(
  capability: Name,
  [name, idempotent, readsAnswer]: readonly [OperationName, boolean, boolean],
  make: (capability: CapabilityOf<Name>, stage: Stage, userId: string) => Promise<() => Promise<unknown>>,
): Operation => ({
  name,
  idempotent,
  readsAnswer,
  prepare: async (stage) => {
    const userId = await stage.userId();
    const provider = await stage.provider();
    const run = await make(there(provider, capability), stage, userId);
    await warm(stage, provider, userId);
    return { provider, run };
  },
});

const OPERATIONS: readonly Operation[] = [
  tokenOperation('asUser'),
  tokenOperation('application'),
  capabilityOperation('users', ['users.create', false, true], async (users, { fixture }) => {
    const { reference = '' } = fixture.capabilities.users ?? {};
    return () => users.create({ reference });
  }),
  capabilityOperation('users', ['users.get', true, true], async (users, _, userId) => () => users.get(userId)),
  capabilityOperation('users', ['users.delete', true, false], async (users, _, userId) => () => users.delete(userId)),
  capabilityOperation('userTokens', ['userTokens.issue', true, true], async (userTokens, _, userId) => () => userTokens.issue(userId)),
  capabilityOperation('codes', ['codes.issue', true, true], async (codes, _, userId) => () => codes.issue(userId)),
  capabilityOperation('codes', ['codes.exchange', false, true], async (codes, stage, userId) => {
    const { fixture, vendor, provider, settled } = stage;
    ensure(fixture.capabilities.codes !== undefined, 'The fixture has no codes.');
    const { code, redirectUri } = await settled(fixture.capabilities.codes.obtain(vendor, await provider(), userId));
    return () => codes.exchange(code, { redirectUri });
  }),
  capabilityOperation('revocation', ['revocation.revoke', true, false], async (revocation, _, userId) => () => revocation.revoke(userId)),
  capabilityOperation('connect', ['connect.start', true, true], async (connect, { fixture }, userId) => {
    const { redirectUri = '' } = fixture.capabilities.connect ?? {};
    return () => connect.start({ userId, redirectUri });
  }),
  capabilityOperation('secret', ['secret.rotate', false, false], async (secret, stage) => {
    const { vault } = memoryVault(stage.secret);
    return () => secret.rotate({ vault });
  }),
];

/** A vault, and what is in it. */
export const memoryVault = (
  secret: string,
): { readonly vault: SecretVault; readonly content: () => { readonly current: string; readonly pending: string | null } } => {
  let content: { readonly current: string; readonly pending: string | null } = { current: secret, pending: null };
  return {
    content: () => content,
    vault: {
      read: async () => content,
      write: async (next) => {
        content = next;
      },
    },
  };
};

/** The capability, which the first rule says is there. */
export const there = <Name extends keyof AnyProvider>(provider: AnyProvider, name: Name): CapabilityOf<Name> => {
  const capability = provider[name];
  ensure(capability !== undefined && capability !== null, `The provider has no ${String(name)}, although the fixture has an entry for it.`);
  return capability;
};

/** Gets the tokens that operations will need. */
export const warm = async ({ settled }: Stage, provider: AnyProvider, userId: string): Promise<void> => {
  const authorities = [provider.asUser(userId), ...(provider.application ? [provider.application] : [])];
  for (const authority of authorities) if (hasToken(authority)) await settled(authority.token());
};
