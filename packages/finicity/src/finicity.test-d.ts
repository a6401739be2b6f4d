import type { ApiPromise, AuthProvider, Connect, ConnectSession, Secret, Token, TokenAuthority, Users } from '@auth/core';
import { createRegistry, supports } from '@auth/core';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type AccessToken,
  type CreatedCustomer,
  type FinicityOptions,
  type FinicityProvider,
  type FinicityUser,
  finicity,
  finicityPlugin,
} from './index.ts';

/** A value of this type, where only the type matters. Nothing here runs. */
declare const given: <T>() => T;

describe('the provider', () => {
  const provider = given<FinicityProvider>();

  it('is one with `application`, `secret`, `users` and `connect`, and works wherever less is asked for', () => {
    expectTypeOf(provider).toExtend<AuthProvider>();
    expectTypeOf(provider).toExtend<AuthProvider<'application'>>();
    expectTypeOf(provider).toExtend<AuthProvider<'application' | 'secret' | 'users' | 'connect'>>();
    expectTypeOf(provider.secret).toExtend<Secret>();
    expectTypeOf(provider.reset).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(provider.id).toEqualTypeOf<'finicity'>();
  });

  it('does not compile where a capability is needed that Finicity does not have here', () => {
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
    // @ts-expect-error: the option is called partnerId
    finicity({ partnerID: '1', partnerSecret: 'a', appKey: 'b' });
  });
});

describe('regions', () => {
  it('are two', () => {
    expectTypeOf<FinicityOptions['region']>().toEqualTypeOf<'us' | 'au' | undefined>();
    // @ts-expect-error: Europe is another product
    finicity({ partnerId: '1', partnerSecret: 'a', appKey: 'b', region: 'eu' });
  });
});

describe('webhooks', () => {
  const { webhooks } = given<FinicityProvider>();

  it('take bodies and headers as servers have them', () => {
    expectTypeOf(webhooks.verify('', new Headers())).resolves.toEqualTypeOf<boolean>();
    webhooks.verify(new Uint8Array(), { a: 'b', c: ['d'], e: undefined }, { secrets: ['f'] });
    expectTypeOf(webhooks.secrets).returns.resolves.toEqualTypeOf<readonly string[]>();
  });

  it('do not take what a parser has made of a body', () => {
    // @ts-expect-error: the raw body is needed
    webhooks.verify({ eventType: 'added' }, new Headers());
  });
});

describe('users', () => {
  const { users } = given<FinicityProvider>();

  it('are those of the contract, and more', () => {
    expectTypeOf(users).toExtend<Users>();
    expectTypeOf(users.create).returns.resolves.toEqualTypeOf<FinicityUser>();
    expectTypeOf(users.get).returns.resolves.toEqualTypeOf<FinicityUser>();
    expectTypeOf(users.find).returns.resolves.toEqualTypeOf<FinicityUser | undefined>();
    expectTypeOf(users.list({ search: 'a', type: 'testing', pageSize: 10 })).toEqualTypeOf<AsyncIterable<FinicityUser>>();
    users.create({ reference: 'customer-17', firstName: 'A', applicationId: undefined });
  });

  it('take nothing that the vendor does not know', () => {
    // @ts-expect-error: a reference is needed
    users.create({ firstName: 'A' });
    // @ts-expect-error: the username is the reference
    users.create({ reference: 'customer-17', username: 'customer-18' });
    // @ts-expect-error: active or testing is an option of the factory
    users.create({ reference: 'customer-17', type: 'testing' });
    // @ts-expect-error: there is no such type
    users.list({ type: 'frozen' });
    // @ts-expect-error: ids are texts
    users.get(17);
  });

  it('are active or testing for the whole provider', () => {
    expectTypeOf<FinicityOptions['customers']>().toEqualTypeOf<'active' | 'testing' | undefined>();
    // @ts-expect-error: there is no such type
    finicity({ partnerId: '1', partnerSecret: 'a', appKey: 'b', customers: 'live' });
  });
});

describe('connect', () => {
  const { connect } = given<FinicityProvider>();
  const whom = { userId: '17', redirectUri: 'https://app.example/callback' };

  it('is that of the contract, with the options of the page', () => {
    expectTypeOf(connect).toExtend<Connect>();
    expectTypeOf(connect.start).returns.resolves.toEqualTypeOf<ConnectSession>();
    connect.start({ ...whom, connectionId: undefined, language: 'fr', experience: 'default', singleUseUrl: true, isWebView: false });
    connect.start({ ...whom, webhook: 'https://app.example', webhookData: { a: { b: 1 } }, webhookHeaders: { a: 'b' }, fromDate: 1 });
    connect.start({ ...whom, reportCustomFields: [{ label: 'a', value: 'b', shown: true }], optionalConsumerInfo: { ssn: '999999999' } });
  });

  it('takes nothing that is not documented', () => {
    // @ts-expect-error: a place to return to is needed
    connect.start({ userId: '17' });
    // @ts-expect-error: the partner is known
    connect.start({ ...whom, partnerId: '1' });
    // @ts-expect-error: only JSON and XML
    connect.start({ ...whom, webhookContentType: 'text/plain' });
    // @ts-expect-error: without the number there is no consumer
    connect.start({ ...whom, optionalConsumerInfo: { dob: 1 } });
    // @ts-expect-error: a session is needed
    connect.complete('https://app.example/callback');
  });
});

describe('the operations', () => {
  const { api, application } = given<FinicityProvider>();
  const as = application;

  it('that need a token say on whose behalf, by an authority or a token', () => {
    expectTypeOf(api.addCustomer({ username: 'customer-17' }, { as })).toEqualTypeOf<ApiPromise<CreatedCustomer>>();
    api.getCustomer('17', { as: given<Token>() });
    // @ts-expect-error: on whose behalf?
    api.getCustomer('17');
    // @ts-expect-error: a token is not a text
    api.getCustomer('17', { as: 'token' });
  });

  it('have the parameters that are documented', () => {
    api.getCustomers({ username: 'a', search: 'b', type: 'active', start: 1, limit: 2 }, { as });
    api.getInstitutions({ search: 'a', type: 'voa', supportedCountries: 'us,ca', start: 1, limit: 2 }, { as });
    api.getCustomerAccounts('17', { as, status: 'active', accountType: 'ava' });
    // @ts-expect-error: one link is for one institution
    api.generateLiteConnectUrl({ partnerId: '1', customerId: '2' }, { as });
    // @ts-expect-error: there is no such product
    api.getInstitutions({ type: 'everything' }, { as });
  });
});
