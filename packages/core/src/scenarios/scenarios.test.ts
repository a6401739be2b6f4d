import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explain } from '../../test/authority-of.ts';
import { hashAtOnce, loaded, steppingClock } from '../../test/stepping-clock.ts';
import type { AuthErrorCode, Managed, ManagedOptions, Store, Token, TokenContext } from '../index.ts';
import { AuthError, managed, memoryStore } from '../index.ts';
import { type ManagedAuthority, tokenAuthority } from '../kit/token-authority.ts';
import type { FakeClock } from '../testing/index.ts';

// ── the words of scenarios.json, which explains them ─────────────────────────────────────────────────────────────────

interface Scenario {
  readonly topic: string;
  readonly name: string;
  readonly given: Given;
  readonly steps: readonly Step[];
}

interface Given {
  readonly source: readonly Answer[];
  readonly lifetime?: string;
  readonly store?: StoreState | 'none';
  readonly windows?: { readonly advisory?: string; readonly mandatory?: string };
  readonly secret?: string;
  readonly serveExpired?: boolean;
  readonly singleUse?: boolean;
  readonly whenStoreIsDown?: 'serve' | 'refuse';
  readonly spread?: number;
}

type StoreState = 'memory' | 'down' | 'hung';

interface Answer {
  readonly token?: string;
  readonly lives?: string;
  readonly ended?: boolean;
  readonly error?: AuthErrorCode | 'foreign';
  readonly status?: number;
  readonly vendorCode?: string;
  readonly retryAfter?: string;
  readonly hang?: boolean;
  readonly after?: string;
  readonly spends?: string | null;
  readonly keeps?: string | null;
  readonly nothing?: true;
  readonly newSecret?: string;
  readonly storeBecomes?: StoreState;
}

type ProcessName = 'first' | 'second';

interface Step {
  readonly in?: ProcessName;
  readonly expect?: Expected;
  readonly meanwhile?: Expected;

  readonly call?: number;
  readonly as?: string;
  readonly abortedBefore?: boolean;
  readonly peek?: true;
  readonly abort?: string;
  readonly advance?: string;
  readonly step?: string;
  readonly invalidate?: string;
  readonly refused?: string;
  readonly accepted?: string;
  readonly times?: number;
  readonly secret?: string;
  readonly reset?: true;
  readonly store?: StoreState;
  readonly adopt?: { readonly token: string; readonly lives?: string; readonly ended?: boolean; readonly refreshToken?: string };
  readonly forget?: true;
  readonly dispose?: true;
  readonly stall?: true;
  readonly resume?: true;
  readonly kill?: true;
}

interface Expected {
  readonly result?: Readonly<Record<string, number>>;
  readonly waiting?: number;
  readonly servedFrom?: string;
  readonly upstreamCalls?: number;
  readonly upstreamCancelled?: number;
  readonly events?: readonly string[];
  readonly repeat?: Readonly<Record<string, number>>;
  readonly fails?: string;
  readonly retryAfter?: readonly (string | null)[];
  readonly status?: Readonly<Record<string, string | number | boolean | null>>;
}

const VERBS = [
  'call',
  'peek',
  'abort',
  'advance',
  'step',
  'invalidate',
  'refused',
  'accepted',
  'secret',
  'reset',
  'store',
  'adopt',
  'forget',
  'dispose',
  'stall',
  'resume',
  'kill',
] as const satisfies readonly (keyof Step)[];

const { about, scenarios } = JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url), 'utf8')) as {
  readonly about: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly scenarios: readonly Scenario[]; // the first test below compares its words with the ones that are explained
};

// ── the runner ───────────────────────────────────────────────────────────────────────────────────────────────────────

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90m`, `+2h`, `-500ms`, or several: `1h59m`. */
const duration = (text: string): number => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0) throw new Error(`${text} is no duration.`);
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN), 0);
  return text.startsWith('-') ? -sum : sum;
};

/** What happened in one process since it was looked at last. */
interface Seen {
  result: Record<string, number>;
  servedFrom: Set<string>;
  upstreamCalls: number;
  upstreamCancelled: number;
  events: string[];
  repeat: Record<string, number>;
  fails: string | undefined;
  retryAfter: Set<number | null>;
}

const nothing = (): Seen => ({
  result: {},
  servedFrom: new Set(),
  upstreamCalls: 0,
  upstreamCancelled: 0,
  events: [],
  repeat: {},
  fails: undefined,
  retryAfter: new Set(),
});

interface Process {
  readonly tokens: Managed;
  readonly authority: ManagedAuthority;
  readonly signals: Map<string, AbortController>;
  /** Tokens that are in this process's memory as far as anybody outside can tell. */
  readonly known: Set<string>;
  readonly issued: Set<string>;
  secret: string | undefined;
  seen: Seen;
  waiting: number;
  state: 'running' | 'stalled' | 'killed';
  readonly held: (() => void)[];
}

/** The vendor, the store and the clock, which all processes share. */
const createWorld = ({ source, lifetime = '2h', store: storeGiven = 'none', windows, secret, spread = 0, ...options }: Given) => {
  const clock = steppingClock(Date.UTC(2026, 0, 1));
  const storage = memoryStore({ clock });
  let storeState = storeGiven;
  let asked = 0;
  const wrong: string[] = [];
  const processes = new Map<ProcessName, Process>();

  const token = (value: string, issuedAt: number, lives = lifetime): Token => ({
    value,
    issuedAt,
    expiresAt: lives === 'for ever' ? null : issuedAt + duration(lives),
  });

  const answer = async (process: Process, clock: FakeClock, { refreshToken, saveRefreshToken, signal }: TokenContext): Promise<Token> => {
    const line = source[asked];
    asked += 1;
    process.seen.upstreamCalls += 1;
    signal.addEventListener('abort', () => {
      process.seen.upstreamCancelled += 1;
    });
    const issuedAt = clock.now();
    if (line === undefined) throw new AuthError('The script is at its end.', { code: 'not_found', provider: 'vendor', operation: 'token' });
    if (line.spends !== undefined && line.spends !== refreshToken)
      wrong.push(`call ${asked} spends ${refreshToken} instead of ${line.spends}`);
    if (line.hang) await new Promise(() => {});
    if (line.after !== undefined) await sleep(clock, duration(line.after));
    if (line.newSecret !== undefined) process.secret = line.newSecret;
    if (line.storeBecomes !== undefined) storeState = line.storeBecomes;
    if (line.keeps !== undefined) await saveRefreshToken(line.keeps as string); // null is what a source in JavaScript may pass
    if (line.error === 'foreign') throw new TypeError('fetch failed');
    if (line.error !== undefined) throw failure(line.error, line);
    if (line.nothing) return null as unknown as Token; // the same
    const value = line.token ?? '';
    process.issued.add(value);
    return line.ended ? { ...token(value, issuedAt - 3_600_000), expiresAt: issuedAt } : token(value, issuedAt, line.lives);
  };

  const start = (): Process => {
    const held: (() => void)[] = [];
    /** A stalled process goes on where it was, a killed one does not. */
    const go = (run: () => void): void => {
      if (process.state === 'running') run();
      else held.push(run);
    };
    const own: FakeClock = { ...clock, after: (milliseconds, run, how) => clock.after(milliseconds, () => go(run), how) };
    const reach = async <T>(work: () => Promise<T>): Promise<T> => {
      if (storeState === 'hung') return new Promise<T>(() => {});
      if (storeState === 'down') throw new Error('connect ECONNREFUSED');
      if (process.state !== 'running') await new Promise<void>((resolve) => held.push(resolve));
      return work();
    };
    const store: Store = {
      read: (key) => reach(() => storage.read(key)),
      write: (key, value, how) => reach(() => storage.write(key, value, how)),
    };
    const shared: ManagedOptions = storeGiven === 'none' ? {} : { store, key: 'vendor, client, subject' };
    const tokens = managed(
      { token: (context) => answer(process, own, context) },
      {
        ...options,
        ...shared,
        clock: own,
        random: () => spread,
        windows: {
          advisory: windows?.advisory === undefined ? undefined : duration(windows.advisory),
          mandatory: windows?.mandatory === undefined ? undefined : duration(windows.mandatory),
        },
        fingerprint: secret === undefined ? undefined : () => `of ${process.secret}`,
        observe: ({ type }) => void process.seen.events.push(type),
      },
    );
    const authority = tokenAuthority({
      provider: 'vendor',
      baseUrl: 'https://vendor.example/',
      transport: () => new Promise(() => {}),
      tokens,
      explain,
      headersOf: () => ({}),
      isTokenRefused: async () => true,
    });
    const process: Process = {
      tokens,
      authority,
      signals: new Map(),
      known: new Set(),
      issued: new Set(),
      secret,
      seen: nothing(),
      waiting: 0,
      state: 'running',
      held,
    };
    return process;
  };

  const processOf = async (name: ProcessName): Promise<Process> => {
    const known = processes.get(name);
    if (known !== undefined) return known;
    const process = start();
    processes.set(name, process);
    if (storeGiven !== 'none') await loaded();
    return process;
  };

  const call = (process: Process, { call: count = 0, as, abortedBefore = false }: Step): void => {
    const controller = as === undefined ? undefined : new AbortController();
    if (as !== undefined && controller !== undefined) process.signals.set(as, controller);
    if (abortedBefore) controller?.abort();
    const known = new Set([...process.known, ...process.issued, process.tokens.peek()?.value]);
    const note = (outcome: string, servedFrom?: string): void => {
      if (process.state === 'killed') return;
      process.waiting -= 1;
      process.seen.result[outcome] = (process.seen.result[outcome] ?? 0) + 1;
      if (servedFrom !== undefined) process.seen.servedFrom.add(servedFrom);
    };
    for (let caller = 0; caller < count; caller += 1) {
      process.waiting += 1;
      process.tokens.token(controller && { signal: controller.signal }).then(
        ({ value }) => {
          process.known.add(value);
          note(value, known.has(value) ? 'memory' : process.issued.has(value) ? 'source' : 'store');
        },
        (error) => {
          note(codeOf(error));
          process.seen.retryAfter.add(AuthError.is(error) ? (error.retryAfter ?? null) : Number.NaN);
        },
      );
    }
  };

  const peek = (process: Process): void => {
    const value = process.tokens.peek()?.value;
    process.seen.result[value ?? 'nothing'] = 1;
    if (value !== undefined) process.seen.servedFrom.add('memory');
  };

  const adopt = (process: Process, { token: value, lives, ended, refreshToken }: NonNullable<Step['adopt']>): Promise<void> => {
    process.known.add(value);
    const adopted = ended ? { ...token(value, clock.now()), expiresAt: clock.now() } : token(value, clock.now(), lives);
    return process.tokens.adopt(adopted, refreshToken);
  };

  const act = (process: Process, step: Step): void => {
    const attempt = (work: Promise<void>): void =>
      void work.catch((error) => {
        process.seen.fails = codeOf(error);
      });
    const { tokens } = process;
    if (step.call !== undefined) call(process, step);
    if (step.peek) peek(process);
    if (step.abort !== undefined) process.signals.get(step.abort)?.abort();
    if (step.step !== undefined) clock.step(duration(step.step));
    for (let time = 0; step.invalidate !== undefined && time < (step.times ?? 1); time += 1)
      attempt(tokens.invalidate({ value: step.invalidate, issuedAt: clock.now(), expiresAt: null }));
    const learn = (value: string, status: number): Promise<string | null> =>
      process.authority.shouldRetry(new Response(null, { status }), { headers: {}, bodyFields: null, token: token(value, clock.now()) });
    for (let time = 0; step.refused !== undefined && time < (step.times ?? 1); time += 1)
      void learn(step.refused, 401).then((reason) => {
        const word = reason === null ? 'no' : 'yes';
        process.seen.repeat[word] = (process.seen.repeat[word] ?? 0) + 1;
      });
    if (step.accepted !== undefined) void learn(step.accepted, 200);
    if (step.secret !== undefined) process.secret = step.secret;
    if (step.reset) attempt(tokens.reset());
    if (step.store !== undefined) storeState = step.store;
    if (step.adopt) attempt(adopt(process, step.adopt));
    if (step.forget) attempt(tokens.forget());
    if (step.dispose) attempt(tokens[Symbol.asyncDispose]());
    if (step.stall) process.state = 'stalled';
    if (step.resume) {
      process.state = 'running';
      for (const run of process.held.splice(0)) run();
    }
    if (step.kill) {
      process.state = 'killed';
      process.waiting = 0;
    }
  };

  const look = async (process: Process | undefined, { status, retryAfter }: Expected) => {
    if (process === undefined) return seenAs(nothing(), 0, {}, false);
    const { seen, waiting, tokens } = process;
    process.seen = nothing();
    const shown: Readonly<Record<string, unknown>> = status === undefined ? {} : { ...(await tokens.status()) };
    const times = new Set(['expiresAt', 'nextRefreshAt', 'lastSuccessAt']);
    const named = Object.keys(status ?? {}).map((field) => {
      const value = shown[field];
      return [field, times.has(field) && typeof value === 'number' ? value - clock.now() : value] as const;
    });
    return seenAs(seen, waiting, Object.fromEntries(named), retryAfter !== undefined);
  };

  return {
    take: async (step: Step) => {
      const { in: name = 'first' } = step;
      act(await processOf(name), step);
      await clock.settle(step.advance === undefined ? 0 : duration(step.advance));
      const other = processes.get(name === 'first' ? 'second' : 'first');
      return {
        [name]: await look(processes.get(name), step.expect ?? {}),
        meanwhile: await look(other, step.meanwhile ?? {}),
      };
    },
    end: () => ({ answersLeft: source.length - asked, wrong }),
  };
};

const sleep = (clock: FakeClock, milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(milliseconds, resolve);
  });

const failure = (code: AuthErrorCode, { status, vendorCode, retryAfter }: Answer): AuthError =>
  new AuthError(`The vendor says ${code}.`, {
    code,
    provider: 'vendor',
    operation: 'token',
    status,
    vendorCode,
    retryAfter: retryAfter === undefined ? undefined : duration(retryAfter),
  });

const codeOf = (error: unknown): string => (AuthError.is(error) ? error.code : `not an AuthError: ${error}`);

const seenAs = (
  { servedFrom, retryAfter, ...seen }: Seen,
  waiting: number,
  status: Readonly<Record<string, unknown>>,
  asksForRetryAfter: boolean,
) => ({
  ...seen,
  waiting,
  retryAfter: asksForRetryAfter ? [...retryAfter] : undefined,
  servedFrom: servedFrom.size === 0 ? undefined : [...servedFrom].sort().join(' and '),
  status,
});

/** What a step does not mention must not have happened. */
const expected = ({
  result = {},
  waiting = 0,
  servedFrom,
  upstreamCalls = 0,
  upstreamCancelled = 0,
  events = [],
  repeat = {},
  fails,
  retryAfter,
  status,
}: Expected) => {
  const times = (field: string, value: unknown): unknown => (field.endsWith('At') && typeof value === 'string' ? duration(value) : value);
  return {
    result,
    waiting,
    servedFrom,
    upstreamCalls,
    upstreamCancelled,
    events,
    repeat,
    fails,
    retryAfter: retryAfter?.map((left) => left && duration(left)),
    status: Object.fromEntries(Object.entries(status ?? {}).map(([field, value]) => [field, times(field, value)])),
  };
};

const run = async ({ given, steps }: Scenario): Promise<void> => {
  const world = createWorld(given);
  for (const [index, step] of steps.entries()) {
    const { in: name = 'first', expect: own = {}, meanwhile = {} } = step;
    const seen = await world.take(step);
    expect(seen, `step ${index + 1}: ${JSON.stringify(step)}`).toEqual({ [name]: expected(own), meanwhile: expected(meanwhile) });
  }
  expect(world.end()).toEqual({ answersLeft: 0, wrong: [] });
};

hashAtOnce();

// ── the tests ────────────────────────────────────────────────────────────────────────────────────────────────────────

describe('scenarios.json', () => {
  const words = (section: string): readonly string[] => Object.keys(about[section] ?? {});

  it('uses only words that it explains, and explains no others', () => {
    const used = (objects: readonly object[]): ReadonlySet<string> => new Set(objects.flatMap((object) => Object.keys(object)));
    const steps = scenarios.flatMap((scenario) => scenario.steps);
    const expectations = steps.flatMap(({ expect: own, meanwhile }) => [own ?? {}, meanwhile ?? {}]);
    expect(used(scenarios.map(({ given }) => given))).toEqual(new Set(words('given')));
    expect(used(scenarios.flatMap(({ given }) => given.source))).toEqual(new Set(words('source')));
    expect(used(steps)).toEqual(new Set(words('steps')));
    expect(used(expectations)).toEqual(new Set(words('expect')));
  });

  it('does one thing per step', () => {
    const verbsOf = (step: Step): readonly string[] => VERBS.filter((verb) => step[verb] !== undefined);
    expect(scenarios.flatMap(({ name, steps }) => steps.filter((step) => verbsOf(step).length !== 1).map(() => name))).toEqual([]);
  });

  it('gives each scenario a name of its own', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });
});

const byTopic = Object.entries(Object.groupBy(scenarios, ({ topic }) => topic));

describe.each(byTopic)('%s', (_, list = []) => {
  for (const scenario of list) it(scenario.name, () => run(scenario));
});
