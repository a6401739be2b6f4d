import type { ApiPromise, AuthProvider, Secret, Token, TokenAuthority } from '@auth/core';
import { createRegistry, supports } from '@auth/core';
import { describe, expectTypeOf, it } from 'vitest';
import { type AccessToken, type FinicityOptions, type FinicityProvider, finicity, finicityPlugin } from './index.ts';

/** A value of a type, where only the type matters. Nothing here is run. */
declare const given: <T>() => T;

describe('the provider', () => {
  const provider = given<FinicityProvider>();

  it('is one with `application` and `secret`, and works wherever less is asked for', () => {
    expectTypeOf(provider).toExtend<AuthProvider>();
    expectTypeOf(provider).toExtend<AuthProvider<'application'>>();
    expectTypeOf(provider).toExtend<AuthProvider<'application' | 'secret'>>();
    expectTypeOf(provider.secret).toExtend<Secret>();
    expectTypeOf(provider.id).toEqualTypeOf<'finicity'>();
  });

  it('does not compile where a facet is needed that Finicity does not have here', () => {
    const revoke = async (able: AuthProvider<'revocation'>): Promise<unknown> => able.revocation.revoke('17');
    // @ts-expect-error: Finicity has no call that ends a token
    revoke(provider);
    // @ts-expect-error: tokens belong to the partner, not to users
    provider.userTokens;
    if (supports(provider, 'revocation')) revoke(provider);
  });

  it('has authorities with a token, for the product and for every customer', () => {
    expectTypeOf(provider.application).toExtend<TokenAuthority>();
    expectTypeOf(provider.asUser).returns.toExtend<TokenAuthority>();
    expectTypeOf(provider.application.token).returns.resolves.toEqualTypeOf<Token>();
    // @ts-expect-error: ids are texts
    provider.asUser(17);
  });

  it('has the operations of the vendor', () => {
    expectTypeOf(provider.api.createToken).returns.toEqualTypeOf<ApiPromise<AccessToken>>();
    expectTypeOf(provider.api.modifyPartnerSecret).returns.toEqualTypeOf<ApiPromise<void>>();
    // @ts-expect-error: the new secret is missing
    provider.api.modifyPartnerSecret({ partnerId: '1', partnerSecret: 'a' });
  });

  it('is told from others by its id', () => {
    const registry = createRegistry([finicityPlugin]);
    expectTypeOf(registry.fromEnv({})).toEqualTypeOf<FinicityProvider>();
    expectTypeOf(registry.create<'finicity'>).returns.toEqualTypeOf<FinicityProvider>();
  });
});

describe('options', () => {
  it('take the secret as a text or a function, and the runtime as undefined', () => {
    expectTypeOf<string>().toExtend<FinicityOptions['partnerSecret']>();
    expectTypeOf<() => Promise<string>>().toExtend<FinicityOptions['partnerSecret']>();
    finicity({ partnerId: '1', partnerSecret: 'a', appKey: 'b', store: undefined, fetch });
  });

  it('are complete, and none is misspelt', () => {
    // @ts-expect-error: the app key is missing
    finicity({ partnerId: '1', partnerSecret: 'a' });
    // @ts-expect-error: it is called partnerId
    finicity({ partnerID: '1', partnerSecret: 'a', appKey: 'b' });
  });
});
