import { ensure } from '../check.ts';
import { rejectsWith } from './expectations.ts';
import { eachTokenSide, type ProviderRule, type Stage, wrongSecret } from './stage.ts';

const ROUNDS = 5;
const CALLERS = 10;
const MINUTE = 60_000;

/** How wrong secrets are kept from locking an account. */
export const guardRules: readonly ProviderRule[] = [
  {
    name: 'tries a refused secret once, in all processes that share a store',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        if (!comesFromVendor(stage)) return;
        const secret = wrongSecret(stage.secret, 1);
        const providers = [await stage.provider({ secret }), await stage.provider({ secret })];
        const sent = stage.record();
        for (let round = 0; round < ROUNDS; round += 1) {
          const calls = Array.from({ length: CALLERS }, (_, index) => {
            const provider = providers[(round + index) % providers.length];
            ensure(provider !== undefined, 'There are two providers.');
            return rejectsWith(of(provider).token(), ['invalid_credentials', 'locked'], `${name}.token with a wrong secret`);
          });
          await stage.settled(Promise.all(calls));
          await stage.clock.settle(MINUTE);
        }
        const asked = stage.tokenRequests(sent());
        ensure(
          asked === 1,
          `A wrong secret of ${name} was tried ${asked} times. Pass account and fingerprint to the engine, and map the refusal to invalid_credentials: vendors lock accounts.`,
        );
      }),
  },
  {
    name: 'tries no more after three different refused secrets',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        if (!comesFromVendor(stage)) return;
        const sent = stage.record();
        const attempt = async (which: number): Promise<ReturnType<typeof rejectsWith>> => {
          const provider = await stage.provider({ secret: wrongSecret(stage.secret, which) });
          const codes = which > 3 ? (['attempts_exhausted'] as const) : (['invalid_credentials', 'locked'] as const);
          return rejectsWith(stage.settled(of(provider).token()), codes, `${name}.token with wrong secret number ${which}`);
        };
        for (const which of [1, 2, 3, 4]) await attempt(which);
        const asked = stage.tokenRequests(sent());
        ensure(
          asked === 3,
          `Four different wrong secrets of ${name} were tried ${asked} times. Three are enough: pass one account for all of them to the engine.`,
        );
      }),
  },
  {
    name: 'tries a refused secret again after reset, whichever of its accounts refused it',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        if (!comesFromVendor(stage)) return;
        const secret = wrongSecret(stage.secret, 1);
        const [provider, other] = [await stage.provider({ secret }), await stage.provider({ secret })];
        const sent = stage.record();
        const attempt = (): ReturnType<typeof rejectsWith> =>
          rejectsWith(stage.settled(of(provider).token()), ['invalid_credentials', 'locked'], `${name}.token with a wrong secret`);
        await attempt();
        await stage.settled(provider.reset());
        await attempt();
        await stage.settled(other.reset());
        await stage.clock.settle(MINUTE);
        await attempt();
        const asked = stage.tokenRequests(sent());
        ensure(
          asked === 3,
          `A wrong secret of ${name} was tried ${asked} times, before and after two calls of reset, which makes 3. Let reset forget the refusals of every account, in the store too.`,
        );
      }),
  },
];

const comesFromVendor = ({ fixture }: Stage): boolean => fixture.token?.from === 'vendor';
