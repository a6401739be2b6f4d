import type { Authority, AuthProvider, Token, TokenAuthority } from '@auth/core';
import { describe, expectTypeOf, it } from 'vitest';
import type { AcmeProvider } from '../../test/acme.ts';
import type { AcmeFixture } from '../../test/acme-fixture.ts';
import { type Check, type Fake, type OperationOf, type ProviderFixture, providerContract } from '../index.ts';

/** A value of a type, where only the type matters. Nothing here is run. */
declare const given: <T>() => T;

/** A vendor with static keys: no token, no capability but the application. */
type Keys = AuthProvider<'application'>;
/** One whose application alone has a token. */
type OneToken = Omit<Keys, 'application'> & { readonly application: TokenAuthority };

describe('a fixture', () => {
  const good = given<AcmeFixture>();
  const keys = given<ProviderFixture<Keys>>();

  it('makes checks', () => {
    expectTypeOf(providerContract(good)).toEqualTypeOf<readonly Check[]>();
    expectTypeOf(providerContract(keys)).toEqualTypeOf<readonly Check[]>();
  });

  it('lacks no capability of its provider', () => {
    const { codes: _, ...others } = good.capabilities;
    // @ts-expect-error: the provider has codes
    const fixture: AcmeFixture = { ...good, capabilities: others };
    expectTypeOf(fixture).toExtend<AcmeFixture>();
  });

  it('has no capability that its provider lacks', () => {
    // @ts-expect-error: the provider has no revocation
    const literal: ProviderFixture<Keys> = { ...keys, capabilities: { application: { request: 'status' }, revocation: {} } };
    const capabilities = { application: { request: 'status' }, revocation: {} };
    // @ts-expect-error: the provider has no revocation
    const variable: ProviderFixture<Keys> = { ...keys, capabilities };
    expectTypeOf([literal, variable]).toExtend<readonly ProviderFixture<Keys>[]>();
  });

  it('says how tokens come and go where there are some, and only there', () => {
    const { token, ...others } = good;
    // @ts-expect-error: the provider has tokens
    const without: AcmeFixture = others;
    // @ts-expect-error: the provider has none
    const superfluous: ProviderFixture<Keys> = { ...keys, token };
    expectTypeOf<ProviderFixture<OneToken>>().toHaveProperty('token').not.toBeUndefined();
    expectTypeOf([without, superfluous]).toBeArray();
  });

  it('leaves out nothing of a capability', () => {
    // @ts-expect-error: how a user declines is missing
    const connect: AcmeFixture['capabilities']['connect'] = { redirectUri: 'https://app.example', approve: async () => '' };
    // @ts-expect-error: which requests ask for one is missing
    const token: AcmeFixture['token'] = { from: 'vendor', end: () => {} };
    expectTypeOf([connect, token]).toBeArray();
  });

  it('expects errors of operations that its provider has', () => {
    expectTypeOf<OperationOf<Keys>>().toEqualTypeOf<never>();
    expectTypeOf<OperationOf<OneToken>>().toEqualTypeOf<'application.token'>();
    expectTypeOf<OperationOf<AcmeProvider>>().toExtend<string>();
    expectTypeOf<'codes.exchange'>().toExtend<OperationOf<AcmeProvider>>();
    expectTypeOf<'users.get'>().not.toExtend<OperationOf<OneToken>>();
  });

  it('gives its functions the fake and the provider that they are for', () => {
    expectTypeOf<Parameters<AcmeFixture['user']>[1]>().toEqualTypeOf<AcmeProvider>();
    expectTypeOf<Fake>().not.toExtend<Parameters<AcmeFixture['secrets']>[0]>();
    expectTypeOf<ReturnType<ProviderFixture<Keys>['create']>>().toEqualTypeOf<Keys | Promise<Keys>>();
    expectTypeOf<Authority & { readonly token: () => Promise<Token> }>().not.toExtend<TokenAuthority>();
  });
});
