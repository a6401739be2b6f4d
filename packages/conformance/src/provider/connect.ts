import type { ConnectSession } from '@auth/core';
import { ensure } from '../check.ts';
import { rejectsWith } from './expectations.ts';
import type { AnyFixture, AnyProvider, CapabilityFixtures } from './fixture.ts';
import { there } from './operations.ts';
import type { ProviderRule, Stage } from './stage.ts';

/** Characters of base64url for 128 bits. */
const LEAST_STATE = 22;

/** What holds for sessions on a vendor's page. */
export const connectRules = ({ capabilities }: AnyFixture): readonly ProviderRule[] => (capabilities.connect === undefined ? [] : RULES);

const RULES: readonly ProviderRule[] = [
  {
    name: 'starts a session that is plain data, with a state that nobody guesses',
    run: async (open) => {
      const { stage, session, start, connect } = await started(open);
      const other = await start();
      ensure(
        JSON.stringify(JSON.parse(JSON.stringify(session))) === JSON.stringify(session),
        'The session is not plain data. It is kept beside the browser’s session.',
      );
      ensure(
        URL.canParse(session.url) && session.redirectUri === connect.redirectUri && session.userId === (await stage.userId()),
        'The session has no page, or another user or redirect URI than the request.',
      );
      ensure(
        session.state.length >= LEAST_STATE && session.state !== other.state,
        'The state of the session can be guessed. Take 128 random bits or more.',
      );
      ensure(session.expiresAt > stage.clock.now(), 'The session ended when it began. expiresAt is epoch milliseconds.');
    },
  },
  {
    name: 'completes a session that the user approved',
    run: async (open) => {
      const { stage, session, provider, approved } = await started(open);
      const { userId, connectionIds } = await stage.settled(there(provider, 'connect').complete(await approved(session), session));
      ensure(userId !== '' && Array.isArray(connectionIds), 'connect.complete has to answer a user id and connection ids.');
    },
  },
  {
    name: 'tells that the user declined',
    run: async (open) => {
      const { stage, session, provider, denied } = await started(open);
      const work = there(provider, 'connect').complete(await denied(session), session);
      await rejectsWith(
        stage.settled(work),
        ['consent_denied'],
        'connect.complete after the user declined',
        'Look at how the vendor says so in its callback.',
      );
    },
  },
  {
    name: 'accepts no callback without the state of the session',
    run: async (open) => {
      const { stage, session, provider, approved, denied, start } = await started(open);
      const foreignState = (await start()).state;
      const callbacks = { 'a success': await approved(session), 'an error': await denied(await start(), session) };
      const sent = stage.record();
      for (const [what, callback] of Object.entries(callbacks)) {
        for (const [how, url] of Object.entries(forged(callback, session, foreignState))) {
          const work = there(provider, 'connect').complete(url, session);
          await rejectsWith(
            stage.settled(work),
            ['state_mismatch'],
            `connect.complete of ${what} with ${how}`,
            'Look at the state before anything else of the callback.',
          );
        }
      }
      ensure(
        sent().length === 0,
        'connect.complete sent something for a callback whose state is not the session’s. Check the state first.',
      );
    },
  },
  {
    name: 'accepts the state of a session once, in all processes that share a store',
    run: async (open) => {
      const { stage, session, provider, approved } = await started(open);
      const callback = await approved(session);
      await stage.settled(there(provider, 'connect').complete(callback, session));
      for (const again of [provider, await stage.provider()]) {
        const work = there(again, 'connect').complete(callback, session);
        await rejectsWith(
          stage.settled(work),
          ['state_mismatch'],
          'connect.complete of a session that was completed before',
          'Write down in the store that a state was used.',
        );
      }
    },
  },
  {
    name: 'accepts no callback after the end of the session',
    run: async (open) => {
      const { stage, session, provider, approved } = await started(open);
      const callback = await approved(session);
      stage.clock.advance(session.expiresAt - stage.clock.now() + 1);
      const work = there(provider, 'connect').complete(callback, session);
      await rejectsWith(stage.settled(work), ['state_mismatch'], 'connect.complete of a session that has ended', 'Look at expiresAt.');
    },
  },
];

interface Started {
  readonly stage: Stage;
  readonly provider: AnyProvider;
  readonly session: ConnectSession;
  readonly connect: CapabilityFixtures<AnyProvider, Stage['vendor']>['connect'];
  readonly start: () => Promise<ConnectSession>;
  readonly approved: (session: ConnectSession) => Promise<string>;
  /** `asOf` is the session whose state the callback shall carry. */
  readonly denied: (session: ConnectSession, asOf?: ConnectSession) => Promise<string>;
}

const started = async (open: () => Promise<Stage>): Promise<Started> => {
  const stage = await open();
  const { connect } = stage.fixture.capabilities;
  ensure(connect !== undefined, 'The fixture has no connect.');
  const userId = await stage.userId();
  const provider = await stage.provider();
  const start = (): Promise<ConnectSession> =>
    stage.settled(there(provider, 'connect').start({ userId, redirectUri: connect.redirectUri }));
  const carrying = async (callback: Promise<string>, { state }: ConnectSession): Promise<string> => {
    const url = await callback;
    ensure(url.includes(state), 'The callback of the fixture does not carry the state of the session.');
    return url;
  };
  return {
    stage,
    provider,
    session: await start(),
    connect,
    start,
    approved: (session) => carrying(connect.approve(stage.vendor, session), session),
    denied: async (session, asOf = session) =>
      (await carrying(connect.deny(stage.vendor, session), session)).replaceAll(session.state, asOf.state),
  };
};

/** The same callback with every other state. */
const forged = (callback: string, { state }: ConnectSession, foreign: string): Readonly<Record<string, string>> => {
  const start = callback.indexOf(state);
  const parameter = callback.slice(Math.max(callback.lastIndexOf('?', start), callback.lastIndexOf('&', start)) + 1, start + state.length);
  return {
    'no state': callback.replace(parameter, 'x=y'),
    'an empty state': callback.replaceAll(state, ''),
    'the state of another session': callback.replaceAll(state, foreign),
    'half of the state': callback.replaceAll(state, state.slice(0, -4)),
    'the state and more': callback.replaceAll(state, `${state}x`),
    'two states': `${callback}&${parameter.replace(state, foreign)}`,
  };
};
