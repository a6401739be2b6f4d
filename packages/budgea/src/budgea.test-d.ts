import type { AuthProvider, Code, ProviderPlugin, Token, TokenAuthority, User } from '@auth/core';
import { createRegistry, supports } from '@auth/core';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type BudgeaCertificate,
  type BudgeaConnection,
  type BudgeaOptions,
  type BudgeaProvider,
  type BudgeaProviderWithApplication,
  type BudgeaUser,
  type BudgeaUserList,
  budgea,
  budgeaPlugin,
} from './index.ts';

const options: BudgeaOptions = { domain: 'demo', clientId: '1', clientSecret: 'hunter2' };
const provider = budgea(options);

describe('the type of a Budgea provider', () => {
  it('fits functions that need its capabilities', () => {
    expectTypeOf(provider).toExtend<AuthProvider>();
    expectTypeOf(provider.reset).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(provider).toExtend<AuthProvider<'users' | 'userTokens' | 'codes' | 'revocation' | 'connect'>>();
    expectTypeOf(budgeaPlugin).toExtend<ProviderPlugin>();
  });

  it('does not fit functions that need what the vendor does not have', () => {
    expectTypeOf(provider).not.toExtend<AuthProvider<'secret'>>();
    expectTypeOf(provider).not.toExtend<AuthProvider<'application'>>();
    // @ts-expect-error: Budgea's secret cannot be changed by its API.
    provider.secret;
  });

  it('has application by a manage token only', () => {
    const administrator = budgea({ ...options, manageToken: async () => 'hunter2' });
    expectTypeOf(administrator).toEqualTypeOf<BudgeaProviderWithApplication>();
    expectTypeOf(administrator).toExtend<AuthProvider<'application' | 'users' | 'userTokens' | 'codes' | 'revocation'>>();
    expectTypeOf(administrator).toExtend<BudgeaProvider>();
    expectTypeOf(administrator.application).toExtend<TokenAuthority>();
    expectTypeOf(provider).toEqualTypeOf<BudgeaProvider>();
    // @ts-expect-error: there is no manage token.
    provider.application;
    // @ts-expect-error: there may be no manage token.
    budgea({ ...options, manageToken: options.manageToken }).application;
    if (supports(provider, 'application')) expectTypeOf(provider).toExtend<AuthProvider<'application'>>();
    expectTypeOf(budgeaPlugin).toEqualTypeOf<ProviderPlugin<'budgea', BudgeaOptions, BudgeaProvider>>();
  });

  it('is told apart by its id', () => {
    expectTypeOf(provider.id).toEqualTypeOf<'budgea'>();
    expectTypeOf(createRegistry([budgeaPlugin]).fromEnv).returns.toEqualTypeOf<BudgeaProvider>();
  });

  it('has users whose authority is a token', () => {
    expectTypeOf(provider.asUser('1')).toExtend<TokenAuthority>();
    // @ts-expect-error: ids are text, as users.create returned them.
    provider.asUser(1);
  });

  it('takes what the vendor needs and what it adds', () => {
    expectTypeOf(provider.codes.issue('1', { singleUse: true })).resolves.toEqualTypeOf<Code>();
    expectTypeOf(provider.userTokens.issue('1')).resolves.toEqualTypeOf<Token>();
    // @ts-expect-error: exchanging a code requires saying whether a redirect URI was sent.
    provider.codes.exchange('abc', {});
    // @ts-expect-error: a call with a Bearer token needs someone on whose behalf it is made.
    provider.api.getUser('me', {});
    // @ts-expect-error: only the manage token makes manage JWTs.
    provider.api.createManageJwt({ duration: 1 });
    expectTypeOf(provider.users.create({ reference: 'a' }, { temporary: true })).resolves.toEqualTypeOf<User>();
    expectTypeOf(provider.userTokens.issue('1', { revokePrevious: true })).resolves.toEqualTypeOf<Token>();
    expectTypeOf(provider.userTokens.issue('1', { grant: 'token', application: 'web' })).resolves.toEqualTypeOf<Token>();
    expectTypeOf(provider.connections.list('1', { expand: 'connector' })).resolves.toEqualTypeOf<readonly BudgeaConnection[]>();
    expectTypeOf(provider.api.getCertificate('tls', { as: provider.asUser('1') })).resolves.toEqualTypeOf<BudgeaCertificate>();
    expectTypeOf(provider.serviceTokens.issue({ scopes: ['payments:admin'] })).resolves.toEqualTypeOf<Token>();
    expectTypeOf(provider.webhooks.verify('', new Headers(), { path: '/', secret: 'a' })).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(provider.api.webauthUrl({ clientId: '1', redirectUri: 'https://a.example/' })).toEqualTypeOf<URL>();
    expectTypeOf(provider.api.getUser('all', { as: provider.asUser('1') })).resolves.toEqualTypeOf<BudgeaUserList>();
    expectTypeOf(provider.api.getUser('7', { as: provider.asUser('1') })).resolves.toEqualTypeOf<BudgeaUser>();
    // @ts-expect-error: only renewal can end earlier tokens.
    provider.userTokens.issue('1', { grant: 'jwt', revokePrevious: true });
    // @ts-expect-error: no such scope.
    provider.serviceTokens.issue({ scopes: ['payments:everything'] });
    // @ts-expect-error: certificates concern no user, so `as` is required.
    provider.api.getCertificate('tls', {});
    // @ts-expect-error: a webhook is verified by a key, or by a user's token.
    provider.webhooks.verify('', {}, { path: '/' });
    // @ts-expect-error: only two kinds of codes.
    provider.api.createCode({ type: 'forever' }, { as: provider.asUser('1') });
  });

  it('has options that say what is missing, misspelt or wrong', () => {
    expectTypeOf<BudgeaOptions['clientSecret']>().toEqualTypeOf<string | (() => string | Promise<string>)>();
    // @ts-expect-error: clientSecret is missing.
    budgea({ domain: 'demo', clientId: '1' });
    // @ts-expect-error: misspelt.
    budgea({ ...options, clientSecrets: 'hunter2' });
    // @ts-expect-error: misspelt, with a manage token too.
    budgea({ ...options, manageToken: 'hunter2', clientSecrets: 'hunter2' });
    // @ts-expect-error: a manage token is text, or a function that gives it.
    budgea({ ...options, manageToken: 7 });
    // @ts-expect-error: only two grants.
    budgea({ ...options, userTokenGrant: 'password' });
  });
});
