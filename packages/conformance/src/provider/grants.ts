import { authorizedFetch } from '@auth/core';
import { ensure } from '../check.ts';
import { rejectionOf } from './expectations.ts';
import type { AnyFixture } from './fixture.ts';
import { there, warm } from './operations.ts';
import { hasToken, type ProviderRule } from './stage.ts';

/** What `userTokens`, `codes` and `revocation` do. */
export const grantRules = ({ capabilities }: AnyFixture): readonly ProviderRule[] => [
  ...(capabilities.userTokens === undefined ? [] : userTokenRules),
  ...(capabilities.codes === undefined ? [] : codeRules),
  ...(capabilities.revocation === undefined ? [] : revocationRules),
];

const userTokenRules: readonly ProviderRule[] = [
  {
    name: 'hands on a token without keeping it, and takes one over',
    run: async (open) => {
      const stage = await open();
      const userId = await stage.userId();
      const provider = await stage.provider();
      const userTokens = there(provider, 'userTokens');
      await warm(stage, provider, userId);
      const authority = provider.asUser(userId);
      ensure(hasToken(authority), 'asUser has no token, although the provider has userTokens.');
      const own = authority.peek();
      const issued = await stage.settled(userTokens.issue(userId));
      ensure(authority.peek() === own, 'userTokens.issue replaced the token of asUser. It is to be handed on, not to be kept.');
      const other = await stage.provider();
      await stage.settled(there(other, 'userTokens').adopt(userId, issued));
      const sent = stage.record();
      const adopted = other.asUser(userId);
      ensure(
        hasToken(adopted) && (await stage.settled(adopted.token())).value === issued.value,
        'asUser does not use the token that userTokens.adopt was given.',
      );
      const { ok } = await stage.settled(authorizedFetch(adopted)(stage.fixture.request(userId)));
      ensure(ok && stage.tokenRequests(sent()) === 0, 'The token that userTokens.issue made does not work for this user.');
    },
  },
];

const codeRules: readonly ProviderRule[] = [
  {
    name: 'issues codes that end',
    run: async (open) => {
      const stage = await open();
      const userId = await stage.userId();
      const code = await stage.settled(there(await stage.provider(), 'codes').issue(userId));
      const left = code.expiresAt - stage.clock.now();
      ensure(
        code.value !== '' && left > 0 && left < 366 * 24 * 60 * 60_000,
        'codes.issue answered no value, or an end that is no epoch milliseconds soon.',
      );
    },
  },
  {
    name: 'exchanges a code once, and keeps the token',
    run: async (open) => {
      const stage = await open();
      const { fixture, vendor, settled } = stage;
      const userId = await stage.userId();
      const provider = await stage.provider();
      const codes = there(provider, 'codes');
      ensure(fixture.capabilities.codes !== undefined, 'The fixture has no codes.');
      const { code, redirectUri } = await settled(fixture.capabilities.codes.obtain(vendor, await stage.provider(), userId));
      const { userId: owner } = await settled(codes.exchange(code, { redirectUri }));
      ensure(owner === userId, 'codes.exchange answered another user than the one whom the code stands for.');
      const sent = stage.record();
      const { ok } = await settled(authorizedFetch(provider.asUser(owner))(fixture.request(owner)));
      ensure(ok && stage.tokenRequests(sent()) === 0, 'After codes.exchange asUser had to ask for another token. Adopt the one that came.');
      await rejectionOf(settled(codes.exchange(code, { redirectUri })), 'codes.exchange of a code that is spent', 'Keep no answers.');
    },
  },
];

const revocationRules: readonly ProviderRule[] = [
  {
    name: 'ends a user’s token once, and says so when asked again',
    run: async (open) => {
      const stage = await open();
      const { settled } = stage;
      const userId = await stage.userId();
      const provider = await stage.provider();
      const revocation = there(provider, 'revocation');
      await warm(stage, provider, userId);
      const authority = provider.asUser(userId);
      const old = hasToken(authority) ? authority.peek() : undefined;
      ensure(
        (await settled(revocation.revoke(userId))).existed === true,
        'revocation.revoke of a token that is there answered that there was none.',
      );
      const again = provider.asUser(userId);
      ensure(!hasToken(again) || again.peek() === undefined, 'asUser still has the token that revocation.revoke ended. Forget it.');
      ensure((await settled(revocation.revoke(userId))).existed === false, 'revocation.revoke answered twice that it had ended a token.');
      if (old === undefined) return;
      const headers = await refusedWith(stage, userId, old.value);
      ensure(headers, 'The vendor still accepts the token that revocation.revoke ended. Tell it.');
    },
  },
];

/** Whether the vendor refuses a request that it accepted with this token before. */
const refusedWith = async ({ traffic, vendor, fixture }: Parameters<typeof warm>[0], userId: string, value: string): Promise<boolean> => {
  const path = new URL(fixture.request(userId), 'https://any.example/').pathname;
  const accepted = traffic.sent.findLast(
    (request) => request.path.endsWith(path) && Object.values(request.headers).some((header) => header.includes(value)),
  );
  if (accepted === undefined) return true;
  return !(await vendor.fetch(accepted.url, { headers: accepted.headers })).ok;
};
