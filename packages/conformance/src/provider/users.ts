import { ensure } from '../check.ts';
import { called, rejectsWith } from './expectations.ts';
import type { AnyFixture, AnyProvider } from './fixture.ts';
import { there, warm } from './operations.ts';
import type { ProviderRule, Stage } from './stage.ts';

/** What users do, and what no operation does for an id that is not one user's. */
export const userRules = ({ capabilities }: AnyFixture): readonly ProviderRule[] => (capabilities.users === undefined ? [] : RULES);

const RULES: readonly ProviderRule[] = [
  {
    name: 'creates a user, whom it finds again and can act for',
    run: async (open) => {
      const { stage, id, provider } = await created(open);
      ensure(typeof id === 'string' && id !== '', 'users.create answered no id. It is what the product stores: a text.');
      const found = await stage.settled(there(provider, 'users').get(id));
      ensure(found.id === id, 'users.get answered another user than users.create.');
      ensure(
        found.createdAt === null || found.createdAt > Date.UTC(2000),
        'createdAt is no epoch milliseconds. Units of the vendor end in schemas.ts.',
      );
      await warm(stage, provider, id);
    },
  },
  {
    name: 'deletes a user once, and says so when asked again',
    run: async (open) => {
      const { stage, id, provider } = await created(open);
      const users = there(provider, 'users');
      const first = await stage.settled(users.delete(id));
      ensure(first.existed === true, 'users.delete of a user who is there answered that there was none.');
      await rejectsWith(stage.settled(users.get(id)), ['not_found'], 'users.get of a user who was deleted');
      const second = await stage.settled(users.delete(id));
      ensure(second.existed === false, 'users.delete of a user who was deleted before answered that there was one.');
    },
  },
  {
    name: 'finds nobody under an id of nobody',
    run: async (open) => {
      const { stage, provider, unknownId } = await created(open);
      const users = there(provider, 'users');
      await rejectsWith(
        stage.settled(users.get(unknownId)),
        ['not_found'],
        'users.get of an id of nobody',
        'Map the answer of the vendor.',
      );
      const { existed } = await stage.settled(users.delete(unknownId));
      ensure(existed === false, 'users.delete of an id of nobody answered that there was somebody.');
    },
  },
  {
    name: 'refuses ids that are not one user’s, and sends nothing for them',
    run: async (open) => {
      const { stage, id, provider } = await created(open);
      await warm(stage, provider, id);
      const { users } = stage.fixture.capabilities;
      const others = ['', ' ', '.', '..', `${id}/..`, `${id}/x`, `${id}?x`, `${id}#x`, `${id},${id}`, `${id}\n`, '*', '%2e%2e'];
      for (const [name, call] of Object.entries(callsWithId(provider, stage))) {
        for (const other of [...others, ...(users?.notOneUser ?? [])]) {
          const sent = stage.record();
          await rejectsWith(
            stage.settled(called(() => call(other))),
            ['invalid_request', 'not_found'],
            `${name} of ${JSON.stringify(other)}`,
          );
          ensure(
            sent().length === 0,
            `${name} of ${JSON.stringify(other)} was sent. It could mean everybody, or another path: check ids by the vendor's pattern first.`,
          );
        }
      }
    },
  },
];

interface Created {
  readonly stage: Stage;
  readonly provider: AnyProvider;
  readonly id: string;
  readonly unknownId: string;
}

const created = async (open: () => Promise<Stage>): Promise<Created> => {
  const stage = await open();
  const provider = await stage.provider();
  const { reference = '', unknownId = '' } = stage.fixture.capabilities.users ?? {};
  const { id } = await stage.settled(there(provider, 'users').create({ reference }));
  return { stage, provider, id, unknownId };
};

/** Every operation that takes a user's id and sends it. */
const callsWithId = (
  { users, revocation, userTokens, codes, connect }: AnyProvider,
  { fixture }: Stage,
): Readonly<Record<string, (userId: string) => Promise<unknown>>> => ({
  ...(users && { 'users.get': (id: string) => users.get(id), 'users.delete': (id: string) => users.delete(id) }),
  ...(revocation && { 'revocation.revoke': (id: string) => revocation.revoke(id) }),
  ...(userTokens && { 'userTokens.issue': (id: string) => userTokens.issue(id) }),
  ...(codes && { 'codes.issue': (id: string) => codes.issue(id) }),
  ...(connect && {
    'connect.start': (userId: string) => connect.start({ userId, redirectUri: fixture.capabilities.connect?.redirectUri ?? '' }),
  }),
});
