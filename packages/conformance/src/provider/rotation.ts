import { ensure } from '../check.ts';
import { rejectsWith } from './expectations.ts';
import type { AnyFixture } from './fixture.ts';
import { memoryVault, there } from './operations.ts';
import { hasToken, type ProviderRule, type Stage } from './stage.ts';
import { broken, onlyFirst } from './traffic.ts';

/** What holds when a secret changes. */
export const rotationRules = ({ capabilities }: AnyFixture): readonly ProviderRule[] => (capabilities.secret === undefined ? [] : RULES);

const RULES: readonly ProviderRule[] = [
  {
    name: 'changes the secret, which is in the vault before the vendor hears of it',
    run: async (open) => {
      const stage = await open();
      const { vault, content } = memoryVault(stage.secret);
      await stage.userId();
      let pending: string | null = null;
      stage.traffic.interfere(
        onlyFirst((_, pass) => {
          pending = content().pending;
          return pass();
        }),
      );
      await stage.settled(there(await stage.provider(), 'secret').rotate({ vault }));
      const after = content();
      ensure(
        after.pending === null && after.current !== stage.secret,
        'After secret.rotate the vault has to hold the new secret, and none that is pending.',
      );
      ensure(
        pending === after.current,
        'The vendor was told of a secret that was not pending in the vault. A crash would lose it: write it first.',
      );
      await works(stage, after.current);
    },
  },
  {
    name: 'finds the secret that works after the answer to a change was lost',
    run: async (open) => {
      for (const tookEffect of [true, false]) {
        const stage = await open();
        const { vault, content } = memoryVault(stage.secret);
        await stage.userId();
        stage.traffic.interfere(
          onlyFirst(async (_, pass) => {
            if (tookEffect) await pass();
            throw broken();
          }),
        );
        await rejectsWith(
          stage.settled(there(await stage.provider(), 'secret').rotate({ vault })),
          ['outcome_unknown'],
          'secret.rotate, whose answer was lost,',
        );
        ensure(
          content().pending !== null && content().current === stage.secret,
          'secret.rotate whose answer was lost has to leave both secrets in the vault.',
        );
        const sent = stage.record();
        await stage.settled(there(await stage.provider(), 'secret').recover({ vault }));
        ensure(content().pending === null, 'secret.recover left a secret pending.');
        ensure(
          sent().length <= 1,
          `secret.recover sent ${sent().length} requests. At most one attempt may fail: try the pending secret, once.`,
        );
        await works(stage, content().current);
      }
    },
  },
  {
    name: 'sends nothing to recover when no secret is pending',
    run: async (open) => {
      const stage = await open();
      const { vault, content } = memoryVault(stage.secret);
      const sent = stage.record();
      await stage.settled(there(await stage.provider(), 'secret').recover({ vault }));
      ensure(sent().length === 0 && content().current === stage.secret, 'secret.recover did something although no secret is pending.');
    },
  },
];

/** The vendor accepts this secret. */
const works = async (stage: Stage, secret: string): Promise<void> => {
  const userId = await stage.userId();
  const provider = await stage.provider({ secret });
  const authority = provider.application ?? provider.asUser(userId);
  if (!hasToken(authority)) return;
  const held = await stage.settled(authority.token());
  await stage.settled(authority.invalidate(held));
  const isAccepted = await stage.settled(authority.token()).then(
    () => true,
    () => false,
  );
  ensure(isAccepted, 'The vendor does not accept the secret that the vault holds now.');
};
