import { type AuthEvent, type Authority, type Clock, memoryStore, type Store, sleep, systemClock, type TokenAuthority } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { ensure } from '../check.ts';
import type { AnyFixture, AnyProvider, Fake } from './fixture.ts';
import { createTraffic, type Traffic, type WireRequest } from './traffic.ts';

const START = Date.UTC(2026, 0, 15, 12);
/** Milliseconds of real time in which nearly everything ends that does not wait for the clock. */
const SOON = 20;
const STEP = 25;
const STEPS = 400;

/** A fake that was just opened, and what providers under check are made with. */
export interface Stage {
  readonly fixture: AnyFixture;
  readonly vendor: Fake;
  readonly clock: FakeClock;
  readonly traffic: Traffic;
  readonly events: readonly AuthEvent[];
  /** Every key and value that was written to the store. */
  readonly written: readonly (readonly [key: string, value: string])[];
  /** Every key that was read or written, in order. */
  readonly touched: readonly string[];
  /** The right one. */
  readonly secret: string;
  /** As another process would make one: it shares nothing but the store. */
  readonly provider: (options?: ProviderOptions) => Promise<AnyProvider>;
  /** The user, made at the first call. */
  readonly userId: () => Promise<string>;
  /** Lets the clock go on until this has settled. */
  readonly settled: <T>(work: Promise<T>, what?: string) => Promise<T>;
  /** What is sent from here on. */
  readonly record: () => () => readonly WireRequest[];
  /** How many of these ask for a token. */
  readonly tokenRequests: (requests: readonly WireRequest[]) => number;
}

/** What a rule makes a provider with, other than the rest. */
export interface ProviderOptions {
  readonly secret?: string;
  readonly clock?: Clock;
  readonly tenant?: string;
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** One rule for providers. */
export interface ProviderRule {
  readonly name: string;
  readonly run: (open: () => Promise<Stage>) => Promise<void>;
}

/** Opens a fake. */
export const openStage = async (fixture: AnyFixture): Promise<Stage> => {
  const clock = fakeClock({ now: START });
  const vendor = await fixture.open(clock);
  const traffic = createTraffic(vendor);
  const events: AuthEvent[] = [];
  const written: [string, string][] = [];
  const touched: string[] = [];
  const store = recorded(memoryStore({ clock }), written, touched);
  const [secret] = fixture.secrets(vendor);
  const runtime = { fetch: traffic.fetch, clock, store, observe: (event: AuthEvent): void => void events.push(event) };

  const provider: Stage['provider'] = async ({ secret: other = secret, ...more } = {}) =>
    fixture.create(vendor, { ...runtime, ...more }, other);
  const settled = <T>(work: Promise<T>, what?: string): Promise<T> => settledBy(clock, work, what);
  let user: Promise<string> | undefined;

  return {
    fixture,
    vendor,
    clock,
    traffic,
    events,
    written,
    touched,
    secret,
    provider,
    settled,
    userId: () => {
      user ??= provider().then((maker) => settled(Promise.resolve(fixture.user(vendor, maker))));
      return user;
    },
    record: () => {
      const before = traffic.sent.length;
      return () => traffic.sent.slice(before);
    },
    tokenRequests: (requests) => {
      const { token } = fixture;
      return token?.from === 'vendor' ? requests.filter(token.isRequest).length : 0;
    },
  };
};

/** One of the two authorities. */
export interface Side {
  readonly name: 'asUser' | 'application';
  readonly of: (provider: AnyProvider) => Authority;
  /** A GET that is answered with 2xx. */
  readonly path: string;
}

/** One that does it with a token. */
export interface TokenSide extends Side {
  readonly of: (provider: AnyProvider) => TokenAuthority;
}

/** Runs on a fake of its own for `asUser`, and for `application` if there is one. */
export const eachSide = async (open: () => Promise<Stage>, run: (stage: Stage, side: Side) => Promise<void>): Promise<void> => {
  const stage = await open();
  const userId = await stage.userId();
  const { request, capabilities } = stage.fixture;
  await run(stage, { name: 'asUser', of: (provider) => provider.asUser(userId), path: request(userId) });
  if (capabilities.application === undefined) return;
  await run(await open(), { name: 'application', of: applicationOf, path: capabilities.application.request });
};

/** The same for those with a token, which is neither held nor stored at first. */
export const eachTokenSide = (open: () => Promise<Stage>, run: (stage: Stage, side: TokenSide) => Promise<void>): Promise<void> =>
  eachSide(open, async (stage, side) => {
    const provider = await stage.provider();
    if (!hasToken(side.of(provider))) return;
    const tokenSide = { ...side, of: (other: AnyProvider) => tokenAuthorityOf(side.of(other)) };
    await chill(stage, tokenSide);
    await run(stage, tokenSide);
  });

/** Leaves no token, for any provider, while a refresh token that makes another one stays. */
export const chill = async ({ provider, settled }: Stage, side: TokenSide): Promise<void> => {
  const authority = side.of(await provider());
  const token = await settled(authority.token());
  await settled(authority.invalidate(token));
};

/** Whether it has all that makes it one with a token. */
export const hasToken = (authority: Authority): authority is TokenAuthority => 'token' in authority;

const tokenAuthorityOf = (authority: Authority): TokenAuthority => {
  ensure(hasToken(authority), 'One authority of this kind has a token and another has none. Give all of them the same members.');
  return authority;
};

const applicationOf = ({ application }: AnyProvider): Authority => {
  ensure(application !== undefined, 'The capability application is not there, although the fixture has an entry for it.');
  return application;
};

/** Another secret of the same form: the same length, digits for digits, letters for letters of the same case. */
export const wrongSecret = (secret: string, which: number): string =>
  secret.replace(/[0-9a-zA-Z]/g, (character) => {
    const alphabet = /\d/.test(character)
      ? '0123456789'
      : /[a-z]/.test(character)
        ? 'abcdefghijklmnopqrstuvwxyz'
        : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    return alphabet[(alphabet.indexOf(character) + which) % alphabet.length] ?? character;
  });

/** What waits for another process waits on the clock, so that has to go on; nothing else should see it move. */
const settledBy = async <T>(clock: FakeClock, work: Promise<T>, what = 'An operation'): Promise<T> => {
  let isSettled = false;
  const end = work.then(
    () => {
      isSettled = true;
    },
    () => {
      isSettled = true;
    },
  );
  await Promise.race([end, sleep(systemClock, SOON, { ref: true })]);
  for (let step = 0; step < STEPS && !isSettled; step += 1) await clock.settle(step < 4 ? 0 : STEP);
  ensure(isSettled, `${what} did not come to an end within ${(STEP * STEPS) / 1000} seconds. Answer, or reject.`);
  return work;
};

const recorded = (store: Store, written: [string, string][], touched: string[]): Store => ({
  read: (key) => {
    touched.push(key);
    return store.read(key);
  },
  write: (key, value, options) => {
    touched.push(key);
    written.push([key, value ?? '']);
    return store.write(key, value, options);
  },
});
