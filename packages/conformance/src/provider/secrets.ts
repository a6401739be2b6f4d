import { authorizedFetch } from '@auth/core';
import { ContractViolation, ensure } from '../check.ts';
import { rejectionOf } from './expectations.ts';
import type { AnyFixture, AnyProvider } from './fixture.ts';
import { findIn } from './leaks.ts';
import { type Operation, operationsOf } from './operations.ts';
import { hasToken, openStage, type ProviderRule, type Stage, wrongSecret } from './stage.ts';
import type { Interference, WireRequest } from './traffic.ts';
import { type Noise, watched } from './watch.ts';

/** What is found in every failing answer. */
const PLANTED = 'planted-4f1d9c7b6a-in-the-answer';
const SHORTEST = 8;

/** One thing that somebody could log. */
interface Exposed {
  readonly where: string;
  readonly value: unknown;
  /** Nothing of these may be in it. */
  readonly secrets: readonly string[];
}

/** Everything that came to light while every operation went well, and every failure was forced. */
interface Findings {
  readonly errors: readonly Exposed[];
  readonly providers: readonly Exposed[];
  readonly events: readonly Exposed[];
  readonly stored: readonly Exposed[];
  readonly noise: Noise;
  readonly secrets: readonly string[];
}

/** Where secrets must not be. */
export const secretRules = (fixture: AnyFixture): readonly ProviderRule[] => {
  let findings: Promise<Findings> | undefined;
  const all = (): Promise<Findings> => {
    findings ??= exercise(fixture);
    return findings;
  };
  return [
    {
      name: 'shows no secret in an error, whatever fails',
      run: async () => expectNone((await all()).errors, 'Put neither answers nor requests into messages, and give errors no cause.'),
    },
    {
      name: 'shows no secret in itself, its authorities and their status',
      run: async () => expectNone((await all()).providers, 'Keep secrets and tokens in closures, not in members.'),
    },
    { name: 'shows no secret in an event', run: async () => expectNone((await all()).events, 'Events name tokens by a random id.') },
    {
      name: 'stores no secret of the options, and no token in a key',
      run: async () => expectNone((await all()).stored, 'Hash what keys are made of, and fingerprints.'),
    },
    {
      name: 'prints no secret, and leaves no rejection unhandled',
      run: async () => {
        const { noise, secrets } = await all();
        expectNone([{ where: 'what was printed or warned of', value: noise.printed, secrets }], 'Print nothing.');
        ensure(
          noise.unhandled.length === 0,
          `${noise.unhandled.length} rejections went unhandled while operations failed. They would end a process: handle each promise that is not awaited.`,
        );
      },
    },
  ];
};

const expectNone = (exposed: readonly Exposed[], advice: string): void => {
  ensure(exposed.length > 0, 'There was nothing to look into.');
  for (const { where, value, secrets } of exposed) {
    const found = findIn(value, secrets);
    ensure(found === undefined, `A secret, a token or a piece of an answer is in ${where} (${shortened(found)}). ${advice}`);
  }
};

/** A path could hold what was found. */
const shortened = (path: string | undefined): string => (path ?? '').replace(/[^\w. ]/g, '…').slice(0, 60);

const exercise = async (fixture: AnyFixture): Promise<Findings> => {
  const errors: Exposed[] = [];
  const providers: Exposed[] = [];
  const events: Exposed[] = [];
  const stored: Exposed[] = [];
  const secrets = new Set<string>([PLANTED]);
  const noise = await watched(async () => {
    const collect = async (stage: Stage, provider: AnyProvider | undefined): Promise<readonly string[]> => {
      const { vendor, written, traffic } = stage;
      const own = secretsOf(fixture, stage);
      const all = [...own, ...secretHeaders(traffic.sent), PLANTED];
      for (const secret of all) secrets.add(secret);
      if (provider) providers.push(...(await viewsOf(stage, provider, all)));
      events.push({ where: 'an event', value: stage.events, secrets: all });
      stored.push({ where: 'a key of the store', value: written.map(([key]) => key), secrets: all });
      stored.push({ where: 'the store', value: written.map(([, value]) => value), secrets: fixture.secrets(vendor) });
      return all;
    };
    for (const operation of operationsOf(fixture)) {
      for (const [how, failure] of Object.entries(FAILURES)) {
        const failed = await failing(fixture, operation, failure);
        if (failed === undefined) continue;
        // What a provider shows of itself hardly depends on how it failed, and looking takes its time.
        const all = await collect(failed.stage, how === LAST ? failed.provider : undefined);
        errors.push({ where: `the error of ${operation.name} after ${how}`, value: failed.error, secrets: all });
      }
    }
    const { stage, provider, error } = await everyday(fixture);
    const all = await collect(stage, provider);
    for (const value of error) errors.push({ where: 'the error for a secret that is wrong or malformed', value, secrets: all });
  });
  return { errors, providers, events, stored, noise, secrets: [...secrets] };
};

const failing = async (
  fixture: AnyFixture,
  operation: Operation,
  failure: Interference,
): Promise<{ readonly stage: Stage; readonly provider: AnyProvider; readonly error: unknown } | undefined> => {
  const stage = await openStage(fixture);
  const prepared = await operation.prepare(stage);
  if (prepared === undefined) return undefined;
  stage.traffic.interfere(failure);
  const error = await stage.settled(prepared.run(), `${operation.name}, as the vendor failed,`).then(
    () => undefined,
    (reason: unknown) => {
      if (reason instanceof ContractViolation) throw reason;
      return reason;
    },
  );
  return { stage, provider: prepared.provider, error };
};

/** What goes well, and secrets that are wrong. */
const everyday = async (
  fixture: AnyFixture,
): Promise<{ readonly stage: Stage; readonly provider: AnyProvider; readonly error: readonly unknown[] }> => {
  const stage = await openStage(fixture);
  const userId = await stage.userId();
  const provider = await stage.provider();
  await stage.settled(authorizedFetch(provider.asUser(userId))(fixture.request(userId)));
  if (fixture.capabilities.application)
    await stage.settled(authorizedFetch(await applicationOf(provider))(fixture.capabilities.application.request));
  const error: unknown[] = [];
  const wrong = [wrongSecret(stage.secret, 3), `${stage.secret}\n`, `${stage.secret}\u00e9\u{1f511}`, `${stage.secret}\r\nx: y`];
  for (const secret of wrong) {
    const foreign = { method: 'GET', url: 'https://other.example/', clone: () => new Request('https://other.example/') };
    const attempts: readonly ((other: AnyProvider) => Promise<unknown>)[] = [
      (other: AnyProvider) => authorizedFetch(other.asUser(userId))(fixture.request(userId)),
      (other: AnyProvider) => other.asUser(userId).authorize(foreign),
    ];
    for (const attempt of attempts) {
      // A secret that cannot be one may be refused by the factory, and a request with it may be one that is answered.
      const outcome = await stage.settled(stage.provider({ secret }).then(attempt)).catch((reason: unknown) => reason);
      if (outcome instanceof Error) error.push(outcome);
    }
  }
  await rejectionOf(
    stage.settled(
      provider
        .asUser(userId)
        .authorize({ method: 'GET', url: `https://other.example/?a=${stage.secret}`, clone: () => new Request('https://other.example/') }),
    ),
    'asUser.authorize for another origin',
  ).then((reason) => error.push(reason));
  return { stage, provider, error };
};

const applicationOf = async ({ application, asUser }: AnyProvider): Promise<ReturnType<typeof asUser>> => {
  ensure(application !== undefined, 'The capability application is not there, although the fixture has an entry for it.');
  return application;
};

const viewsOf = async (stage: Stage, provider: AnyProvider, secrets: readonly string[]): Promise<readonly Exposed[]> => {
  const userId = await stage.userId();
  const user = provider.asUser(userId);
  const authorities = { asUser: user, ...(provider.application && { application: provider.application }) };
  const views: Exposed[] = [{ where: 'the provider', value: provider, secrets }];
  for (const [name, authority] of Object.entries(authorities)) {
    const held = hasToken(authority) ? authority.peek() : undefined;
    const all = held ? [...secrets, held.value] : secrets;
    views.push({ where: `provider.${name}`, value: authority, secrets: all });
    views.push({ where: `the status of ${name}`, value: await stage.settled(authority.status()), secrets: all });
  }
  return views;
};

/** Those of the options. */
const secretsOf = (fixture: AnyFixture, { vendor }: Stage): readonly string[] => {
  const secrets = fixture.secrets(vendor);
  for (const secret of secrets)
    ensure(secret.length >= SHORTEST, `A secret of the fixture has less than ${SHORTEST} characters. It would be found everywhere.`);
  return secrets;
};

/** The credentials of requests: tokens, keys and signatures, without the word before them. */
const secretHeaders = (requests: readonly Pick<WireRequest, 'headers'>[]): readonly string[] =>
  requests.flatMap(({ headers }) =>
    Object.entries(headers)
      .filter(([name]) => /auth|token|key|sign|secret/i.test(name))
      .map(([, value]) => value.replace(/^\w+ /, ''))
      .filter((value) => value.length >= SHORTEST),
  );

/** The last of the failures below. */
const LAST = 'a broken connection';

/** Says all it knows, as careless servers do. */
const echo = async (request: Request): Promise<string> =>
  JSON.stringify({
    code: PLANTED,
    error: PLANTED,
    message: PLANTED,
    url: request.url,
    headers: [...request.headers],
    body: await request.text(),
  });

const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}): Interference =>
  async (request) =>
    new Response(await echo(request), {
      status,
      statusText: PLANTED,
      headers: { 'content-type': 'application/json', ...headers },
    });

/** Puts the longest credential of the request where codes and ids of requests are. */
const repeating: Interference = async (request) => {
  const { headers } = request;
  const credentials = [...secretHeaders([{ headers: Object.fromEntries(headers) }]), ...leavesOf(await request.text())];
  const [secret = PLANTED] = credentials.toSorted((one, other) => other.length - one.length);
  const names = ['code', 'error', 'error_code', 'errorCode', 'request_id', 'requestId'];
  return Response.json(Object.fromEntries(names.map((name) => [name, secret])), { status: 400, headers: { 'x-request-id': secret } });
};

/** The texts of a body, which is JSON or a form. */
const leavesOf = (body: string): readonly string[] => {
  try {
    const leaves: string[] = [];
    JSON.parse(body, (_, value: unknown) => (typeof value === 'string' ? leaves.push(value) : value));
    return leaves;
  } catch {
    return [...new URLSearchParams(body).values()];
  }
};

const FAILURES: Readonly<Record<string, Interference>> = {
  'a refusal of the request': answering(400),
  'a refusal whose code repeats a credential': repeating,
  'a refusal of its credentials': answering(401),
  'a refusal of its permission': answering(403),
  'a limit': answering(429, { 'retry-after': PLANTED }),
  'a failure': answering(500),
  'a success of another shape': answering(200),
  'a redirect': answering(302, { location: `https://other.example/${PLANTED}` }),
  'a page': async (request) => new Response(`<html><title>${PLANTED}</title>${await echo(request)}</html>`, { status: 502 }),
  [LAST]: async (request) => {
    const text = await echo(request);
    throw Object.assign(new TypeError(text, { cause: new Error(text) }), { request, options: { body: text } });
  },
};
