import { type AuthProvider, deadline, systemClock } from '@auth/core';
import { type Check, ContractViolation } from '../check.ts';
import { answerRules } from './answers.ts';
import { authorityRules } from './authority.ts';
import { connectRules } from './connect.ts';
import type { AnyFixture, Fake, ProviderFixture } from './fixture.ts';
import { grantRules } from './grants.ts';
import { guardRules } from './guard.ts';
import { rotationRules } from './rotation.ts';
import { secretRules } from './secrets.ts';
import { shapeRules } from './shape.ts';
import { openStage, type ProviderRule } from './stage.ts';
import { tenantRules } from './tenants.ts';
import { timeRules } from './time.ts';
import { tokenRules } from './tokens.ts';
import { userRules } from './users.ts';

/** Milliseconds of real time for one check. Nothing in it waits for time to pass. */
const DEADLINE = 60_000;

/**
 * The contract of a provider as checks, one for each rule that products and the engine rely on. They need no test runner: hand each to
 * yours. Each opens fakes of its own, so they may run in any order.
 *
 * @example
 * ```ts
 * const fixture: ProviderFixture<AcmeProvider, AcmeFake> = {
 *   open: (clock) => acmeFake({ clock }),
 *   create: ({ clientId }, runtime, clientSecret) => acme({ clientId, clientSecret, ...runtime }),
 *   secrets: ({ clientSecret }) => [clientSecret],
 *   user: async (_, provider) => (await provider.users.create({ reference: 'first-user' })).id,
 *   request: () => 'accounts',
 *   foreignRefusal: () => Response.json({ error: 'plan' }, { status: 403 }),
 *   errors: { 'an unknown user': { to: 'users.get', answer: () => new Response(null, { status: 404 }), code: 'not_found' } },
 *   token: { from: 'vendor', isRequest: ({ path }) => path === '/token', end: (fake) => fake.endTokens() },
 *   capabilities: { users: { reference: 'second-user', unknownId: '999999', notOneUser: ['me'] } },
 * };
 * for (const { name, run } of providerContract(fixture)) test(name, run);
 * ```
 */
export const providerContract = <P extends AuthProvider, V extends Fake>(fixture: ProviderFixture<P, V>): readonly Check[] => {
  // What P and V are does not matter here: the fixture's functions get nothing but what the fixture itself made.
  const any = fixture as unknown as AnyFixture;
  return rulesFor(any).map(({ name, run }) => ({ name, run: () => inTime(() => run(() => openStage(any))) }));
};

const rulesFor = (fixture: AnyFixture): readonly ProviderRule[] => [
  ...shapeRules,
  ...authorityRules,
  ...(fixture.token === undefined ? [] : [...tokenRules, ...guardRules, ...timeRules]),
  ...tenantRules,
  ...answerRules(fixture),
  ...userRules(fixture),
  ...grantRules(fixture),
  ...connectRules(fixture),
  ...rotationRules(fixture),
  ...secretRules(fixture),
];

const timeoutError = (): Error => new ContractViolation(`The check did not end within ${DEADLINE / 1000} s.`);

const inTime = (run: () => Promise<void>): Promise<void> => deadline(systemClock, DEADLINE, run, { ref: true, timeoutError });
