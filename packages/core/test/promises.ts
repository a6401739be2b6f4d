import fc from 'fast-check';
import { expect } from 'vitest';
import type { AuthErrorCode, AuthEvent, Managed, ManagedOptions, Store, Token, TokenContext } from '../src/index.ts';
import { AuthError, managed, memoryStore } from '../src/index.ts';
import { hashAtOnce, loaded, steppingClock, turn } from './stepping-clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

hashAtOnce();

// ── what can happen ──────────────────────────────────────────────────────────────────────────────────────────────────

type Answer = { readonly delay: number; readonly heeds: boolean } & (
  | { readonly kind: 'token'; readonly lifetime: number | null }
  | { readonly kind: 'error'; readonly code: AuthErrorCode; readonly retryAfter: number | undefined }
  | { readonly kind: 'foreign' | 'hang' | 'ended' }
);

type Action =
  | { readonly do: 'call'; readonly at: number; readonly callers: number; readonly signal: boolean }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'invalidate'; readonly at: number; readonly which: 'current' | 'late' | 'foreign' }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'step'; readonly by: number }
  | { readonly do: 'secret'; readonly at: number; readonly secret: string }
  | { readonly do: 'store'; readonly is: 'up' | 'down' | 'hung' }
  | { readonly do: 'reset'; readonly at: number };

const TRANSIENT: readonly AuthErrorCode[] = ['unavailable', 'timeout', 'rate_limited', 'invalid_response', 'forbidden', 'outcome_unknown'];

const answers = fc.array(
  fc.record({ delay: fc.constantFrom(0, 1, 40, 900, 3_500, 20_000, 29_900), heeds: fc.boolean() }).chain((how) =>
    fc
      .oneof(
        {
          weight: 6,
          arbitrary: fc.record({ kind: fc.constant('token' as const), lifetime: fc.constantFrom(MINUTE, 10 * MINUTE, 2 * HOUR, null) }),
        },
        {
          weight: 4,
          arbitrary: fc.record({
            kind: fc.constant('error' as const),
            code: fc.constantFrom(...TRANSIENT),
            retryAfter: fc.constantFrom(undefined, undefined, 100, 90 * SECOND),
          }),
        },
        { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('foreign' as const, 'hang' as const, 'ended' as const) }) },
      )
      .map((what): Answer => ({ ...how, ...what })),
  ),
  { minLength: 1, maxLength: 12 },
);

const at = fc.nat(2);
const times = [1, 24, 100, 300, 1_000, 1_001, 5 * SECOND, 29 * SECOND, 31 * SECOND, MINUTE, 11 * MINUTE, HOUR, 119 * MINUTE, 2 * HOUR];

const calling = fc.record({ do: fc.constant('call' as const), at, callers: fc.integer({ min: 1, max: 4 }), signal: fc.boolean() });
const basics: readonly fc.WeightedArbitrary<Action>[] = [
  { weight: 8, arbitrary: calling },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.constantFrom(...times) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('step' as const), by: fc.constantFrom(-2 * HOUR, 2 * HOUR, -7 * SECOND, 40 * SECOND) }),
  },
];
const invalidations: fc.WeightedArbitrary<Action> = {
  weight: 4,
  arbitrary: fc.record({
    do: fc.constant('invalidate' as const),
    at,
    which: fc.constantFrom('current' as const, 'current' as const, 'late' as const, 'foreign' as const),
  }),
};
const secrets: fc.WeightedArbitrary<Action> = {
  weight: 4,
  arbitrary: fc.record({
    do: fc.constant('secret' as const),
    at,
    secret: fc.constantFrom('good', 'wrong-1', 'wrong-2', 'wrong-3', 'wrong-4', 'wrong-5'),
  }),
};
const wrongSecrets: fc.WeightedArbitrary<Action> = {
  weight: 8,
  arbitrary: fc.record({
    do: fc.constant('secret' as const),
    at,
    secret: fc.constantFrom('wrong-1', 'wrong-2', 'wrong-3', 'wrong-4', 'wrong-5'),
  }),
};
const resets: fc.WeightedArbitrary<Action> = { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), at }) };
const outages: fc.WeightedArbitrary<Action> = {
  weight: 3,
  arbitrary: fc.record({
    do: fc.constant('store' as const),
    is: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'hung' as const),
  }),
};

const actions = (...likely: readonly fc.WeightedArbitrary<Action>[]): fc.Arbitrary<readonly Action[]> =>
  fc.array(fc.oneof(...likely), { minLength: 5, maxLength: 30 });

/** From 0 to 1, and milliseconds that a store takes: another for every use. */
const chances = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 });
const latencies = fc.array(fc.constantFrom(0, 0, 1, 7, 60), { minLength: 1, maxLength: 9 });

const cycle = <T>(list: readonly T[]): (() => T) => {
  let index = 0;
  return () => {
    const item = list[index % list.length];
    index += 1;
    if (item === undefined) throw new Error('An empty list cannot be cycled through.');
    return item;
  };
};

// ── the world, which takes notes and judges ──────────────────────────────────────────────────────────────────────────

interface Plan {
  readonly answers: readonly Answer[];
  readonly actions: readonly Action[];
  readonly chances: readonly number[];
  readonly latencies: readonly number[];
}

interface World {
  readonly engines: number;
  readonly hasStore: boolean;
  readonly options?: ManagedOptions;
}

/** What is promised, and how often it is tried in the tests that run at every change. */
interface Promised {
  readonly name: string;
  readonly world: World;
  readonly actions: fc.Arbitrary<readonly Action[]>;
  readonly runs: number;
}

interface Issued {
  readonly by: number;
  /** Monotonic milliseconds. */
  readonly since: number;
  readonly lifetime: number;
  /** How far the wall clock had been set back, in all, when it was asked for. */
  readonly setBack: number;
  /** How long the vendor took; while the wall clock is set back, nobody can tell that from life. */
  flew: number;
}

interface Engine {
  readonly tokens: Managed;
  secret: string;
  /** What the engine asked the fingerprint of last, and so the secret that its next call sends. */
  sending: string;
  calls: number;
  last: string | undefined;
  readonly refusedSince: string[];
  readonly firstSeen: Map<string, number>;
}

const explore = async (
  { answers, actions, chances, latencies }: Plan,
  { engines: count, hasStore, options = {} }: World,
): Promise<void> => {
  const clock = steppingClock(Date.UTC(2026, 0, 1));
  const { step, settle } = clock;
  const storage = memoryStore({ clock });
  const complaints: string[] = [];
  const complain = (text: string): void => void complaints.push(`${text} (at ${clock.monotonic()} ms)`);
  const onUnhandled = (reason: unknown): void => complain(`unhandled rejection: ${reason}`);
  process.on('unhandledRejection', onUnhandled);

  const nextAnswer = cycle(answers);
  const nextLatency = cycle(latencies);
  const issued = new Map<string, Issued>();
  const spentRefreshTokens = new Set<string>();
  let storeIs: 'up' | 'down' | 'hung' = 'up';
  const mayFail = actions.some((action) => action.do === 'store');
  const isOne = hasStore && !mayFail;
  let setBack = 0;
  let isCalm = false;
  let serial = 0;
  let waiting = 0;

  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      clock.after(milliseconds, resolve);
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });

  const reach = async <T>(work: () => Promise<T>): Promise<T> => {
    const latency = nextLatency();
    if (latency > 0) await sleep(latency);
    if (storeIs === 'hung') return new Promise<T>(() => {});
    if (storeIs === 'down') throw new Error('connect ECONNREFUSED');
    return work();
  };
  const store: Store = {
    read: (key) => reach(() => storage.read(key)),
    write: (key, value, how) => reach(() => storage.write(key, value, how)),
  };

  /** Refusals since the last success or reset: of all who share a store that stays up, else of each. */
  const refusalsOf = (engine: Engine): string[] => (isOne ? first : engine).refusedSince;
  /** A success or a reset of one counts for all. It may take a moment to get around. */
  const forgive = (): void => {
    const all = (): void => {
      for (const engine of engines) refusalsOf(engine).splice(0);
    };
    all();
    if (mayFail) clock.after(SECOND, all);
  };
  const refuse = (engine: Engine, secret: string): never => {
    const refused = refusalsOf(engine);
    if (refused.includes(secret)) complain(`${secret} was refused twice`);
    refused.push(secret);
    if (refused.length > 3) complain(`${refused.length} definite refusals: ${refused}`);
    throw new AuthError('refused', { code: secret === 'wrong-5' ? 'locked' : 'invalid_credentials', provider: 'acme', operation: 'token' });
  };

  const vendor = async (index: number, { signal, refreshToken, saveRefreshToken }: TokenContext): Promise<Token> => {
    const engine = engineAt(index);
    const started = clock.monotonic();
    const issuedAt = clock.now();
    const back = setBack;
    const secret = engine.sending;
    const answer: Answer = isCalm ? { kind: 'token', lifetime: 2 * HOUR, delay: 0, heeds: true } : nextAnswer();
    engine.calls += 1;
    if (engine.calls > 1) complain(`${engine.calls} calls at once in engine ${index}`);
    const all = engines.reduce((sum, { calls }) => sum + calls, 0);
    if (isOne && all > 1) complain(`${all} calls at once for one key`);
    if (refreshToken !== null && spentRefreshTokens.has(refreshToken)) complain(`${refreshToken} was sent again`);
    let isOver = false;
    const over = (): void => {
      if (!isOver) engine.calls -= 1;
      isOver = true;
    };
    signal.addEventListener('abort', over);
    // Whatever comes of it, it may be spent, unless the vendor clearly says otherwise.
    if (refreshToken !== null) spentRefreshTokens.add(refreshToken);
    try {
      if (answer.kind === 'hang') await sleep(HOUR, answer.heeds ? signal : undefined);
      await sleep(answer.delay, answer.heeds ? signal : undefined);
      // Nobody hears this any more.
      if (signal.aborted) throw new Error('too late');
      if (answer.kind === 'foreign') throw new TypeError('fetch failed with secret-body');
      if (answer.kind === 'error') {
        if (refreshToken !== null && (answer.code === 'unavailable' || answer.code === 'rate_limited' || answer.code === 'forbidden'))
          spentRefreshTokens.delete(refreshToken);
        throw new AuthError(`The vendor says ${answer.code}.`, {
          code: answer.code,
          provider: 'acme',
          operation: 'token',
          retryAfter: answer.retryAfter,
        });
      }
      if (secret !== 'good') {
        if (refreshToken !== null) spentRefreshTokens.delete(refreshToken);
        return refuse(engine, secret);
      }
      // By a wall clock that was set back meanwhile it would not have ended.
      if (answer.kind === 'ended' && setBack > back) throw new Error('too old');
      if (answer.kind === 'ended') return { value: 'secret-dead', issuedAt: issuedAt - HOUR, expiresAt: issuedAt };
      serial += 1;
      if (options.singleUse) await saveRefreshToken(`secret-refresh-${serial}`);
      if (signal.aborted) throw new Error('too late');
      forgive();
      const value = `secret-token-${serial}`;
      const lifetime = answer.kind === 'token' ? answer.lifetime : null;
      issued.set(value, {
        by: index,
        since: started,
        lifetime: lifetime ?? Number.POSITIVE_INFINITY,
        setBack: back,
        flew: clock.monotonic() - started,
      });
      return { value, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime };
    } finally {
      over();
    }
  };

  const start = (index: number): Engine => {
    const nextChance = cycle(chances.slice(index % chances.length).concat(chances));
    const engine: Engine = {
      tokens: managed(
        { token: (context) => vendor(index, context) },
        {
          ...options,
          ...(hasStore ? { store, key: 'acme' } : {}),
          clock,
          random: nextChance,
          fingerprint: () => {
            engine.sending = engine.secret;
            return `print of ${engine.secret}`;
          },
          observe: (event) => hear(event),
        },
      ),
      secret: 'good',
      sending: 'good',
      calls: 0,
      last: undefined,
      refusedSince: [],
      firstSeen: new Map(),
    };
    return engine;
  };

  const hear = (event: AuthEvent): void => {
    if (JSON.stringify(event).includes('secret-')) complain(`an event tells a secret: ${JSON.stringify(event)}`);
  };

  const judge = (index: number, { value }: Token): void => {
    const engine = engineAt(index);
    engine.last = value;
    const token = issued.get(value);
    if (token === undefined) {
      complain(`${value} was served, and the vendor never issued it`);
      return;
    }
    const now = clock.monotonic();
    const seen = engine.firstSeen.get(value) ?? now;
    engine.firstSeen.set(value, seen);
    const wasSetBack = setBack > token.setBack;
    // By the wall clock, which all processes share, a token may look younger than it is: then it lives as long as it was issued for, from the moment it was taken.
    const slack = !wasSetBack ? 0 : token.by === index ? token.flew : seen - token.since;
    if (!options.serveExpired && now >= token.since + token.lifetime + slack)
      complain(`${value} was served ${now - token.since - token.lifetime} ms after its end`);
  };

  const engines = Array.from({ length: count }, (_, index) => start(index));
  const engineAt = (index: number): Engine => engines[index % count] ?? first;
  const [first] = engines as [Engine, ...Engine[]]; // there is at least one
  const signals: AbortController[] = [];

  const call = (index: number, controller?: AbortController): void => {
    waiting += 1;
    engineAt(index)
      .tokens.token(controller && { signal: controller.signal })
      .then(
        (token) => judge(index, token),
        (error) => {
          if (!AuthError.is(error)) complain(`not an AuthError: ${error}`);
          if (String(error).includes('secret-')) complain(`an error tells a secret: ${error}`);
        },
      )
      .finally(() => {
        waiting -= 1;
      });
  };

  const background = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => {
      if (!AuthError.is(error)) complain(`not an AuthError: ${error}`);
    });

  const act = async (action: Action): Promise<void> => {
    if (action.do === 'advance') return settle(action.by);
    if (action.do === 'step') {
      setBack -= Math.min(0, action.by);
      return step(action.by);
    }
    if (action.do === 'store') {
      storeIs = action.is;
      return;
    }
    if (action.do === 'abort') return signals[action.which % Math.max(1, signals.length)]?.abort();
    const index = action.at % count;
    const engine = engineAt(index);
    if (action.do === 'secret') {
      engine.secret = action.secret;
      return;
    }
    if (action.do === 'reset') {
      forgive();
      void background(engine.tokens.reset()).then(() => forgive());
      return;
    }
    if (action.do === 'invalidate') {
      const held = action.which === 'current' ? (engine.tokens.peek()?.value ?? engine.last) : undefined;
      const value = held ?? (action.which === 'late' ? [...issued.keys()][0] : undefined) ?? 'secret-foreign';
      void background(engine.tokens.invalidate({ value, issuedAt: clock.now(), expiresAt: null }));
      return;
    }
    const controller = action.signal ? new AbortController() : undefined;
    if (controller !== undefined) signals.push(controller);
    for (let caller = 0; caller < action.callers; caller += 1) call(index, controller);
  };

  if (hasStore) await loaded();

  try {
    for (const action of actions) {
      await act(action);
      await turn();
      const peeked = engines.map(({ tokens }) => tokens.peek());
      for (const [index, token] of peeked.entries()) if (token !== undefined) judge(index, token);
    }
    // All sources have answered by then or run into their deadline, and each wait has an end of its own.
    storeIs = 'up';
    await settle(3 * MINUTE);
    if (waiting > 0) complain(`${waiting} callers were never answered`);
    // Once all is well, every engine heals.
    isCalm = true;
    for (const engine of engines) {
      engine.secret = 'good';
      await Promise.race([background(engine.tokens.reset()), settle(MINUTE)]);
    }
    await settle(11 * MINUTE);
    for (const [index, { tokens }] of engines.entries()) {
      if (options.singleUse)
        void background(
          tokens.adopt({ value: 'secret-adopted', issuedAt: clock.now(), expiresAt: clock.now() + HOUR }, `secret-fresh-${index}`),
        );
      issued.set('secret-adopted', { by: index, since: clock.monotonic(), lifetime: HOUR, setBack, flew: 0 });
      await settle(SECOND);
      const healed = Promise.race([tokens.token(), settle(MINUTE).then(() => undefined)]).catch((error: unknown) =>
        complain(`does not heal: ${error}`),
      );
      if ((await healed) === undefined) complain(`engine ${index} does not heal`);
    }
    await Promise.all(engines.map(({ tokens }) => tokens[Symbol.asyncDispose]()));
    await settle(MINUTE);
  } finally {
    await turn();
    process.off('unhandledRejection', onUnhandled);
  }
  expect(complaints).toEqual([]);
};

const calm = [...basics, invalidations, secrets, resets];

/** What holds whatever happens, each of them in a world of its own. */
export const PROMISES: readonly Promised[] = [
  { name: 'one engine keeps its promises', world: { engines: 1, hasStore: false }, actions: actions(...calm), runs: 600 },
  {
    name: 'one engine that serves expired tokens keeps the others',
    world: { engines: 1, hasStore: false, options: { serveExpired: true } },
    actions: actions(...calm),
    runs: 150,
  },
  { name: 'two engines on one store act like one', world: { engines: 2, hasStore: true }, actions: actions(...calm), runs: 200 },
  { name: 'three engines on one store act like one', world: { engines: 3, hasStore: true }, actions: actions(...calm), runs: 150 },
  {
    name: 'two engines whose operators try one wrong secret after the other stop in time',
    world: { engines: 2, hasStore: true },
    actions: actions(...basics, wrongSecrets),
    runs: 100,
  },
  {
    name: 'three engines whose store comes and goes keep theirs each',
    world: { engines: 3, hasStore: true },
    actions: actions(...calm, outages),
    runs: 200,
  },
  {
    name: 'a single-use refresh token is never sent again when it may be spent',
    world: { engines: 2, hasStore: true, options: { singleUse: true } },
    actions: actions(...basics, outages),
    runs: 200,
  },
  {
    name: 'a single-use refresh token is never sent again, even if its token is invalidated meanwhile',
    world: { engines: 2, hasStore: true, options: { singleUse: true } },
    actions: actions(...basics, invalidations),
    runs: 200,
  },
];

/**
 * One call at once; no token past its end; at most 3 refusals, of different secrets; everybody is answered; nothing is told; all heals.
 *
 * @param seed Another one looks elsewhere. fast-check prints it, and the path to the counterexample, on failure.
 */
export const keeps = (
  { world, actions, runs }: Promised,
  { seed, times }: { readonly seed: number; readonly times: number },
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.record({ answers, actions, chances, latencies }), (plan) => explore(plan, world)),
    { seed, numRuns: runs * times },
  );
