// One process of the product: it calls for each subject in turn, reports tokens that the vendor refuses, and tells the supervisor what it got.
import { setTimeout } from 'node:timers/promises';
import { AuthError, type AuthErrorCode, type Store, type TokenSource } from '@auth/core';
import { fingerprintOf, type ManagedMany, type ManagedSubject, managedMany } from '@auth/core/kit';
import { redisStore } from '@auth/store-redis';
import { sqliteStore } from '@auth/store-sqlite';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { type Asked, CLIENT_TIMEOUT, type Command, clientOf, type Fact, type Issued, type Start, SUBJECTS } from './protocol.ts';

const start: Start = JSON.parse(process.argv[2] ?? '');
const tell = (fact: Fact): void => void process.send?.(fact);

/** Milliseconds between two calls. All processes call for the same subject at the same moment, which is when a lease matters. */
const PACE = 40;

/** Milliseconds after which a call will not be answered any more. */
const NEVER = 60_000;

const openStore = async (): Promise<Store> => {
  const { place, index } = start;
  if (place.kind === 'sqlite') return sqliteStore({ path: place.path });
  // Both as the store's README recommends.
  if (index % 2 === 0) {
    const client = createClient({ url: place.url, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } });
    client.on('error', () => {});
    await Promise.race([client.connect(), setTimeout(1_000)]);
    return redisStore(client);
  }
  const options = { lazyConnect: true, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 };
  const client = new Redis(place.url, { ...options, retryStrategy: () => 50 });
  client.on('error', () => {});
  await Promise.race([client.connect().catch(() => {}), setTimeout(1_000)]);
  return redisStore(client);
};

const CODES: Readonly<Record<number, AuthErrorCode>> = {
  400: 'reconnect_required',
  401: 'invalid_credentials',
  429: 'rate_limited',
  503: 'unavailable',
};

const sourceOf =
  (secret: string) =>
  (subject: string): TokenSource => ({
    token: async ({ signal, refreshToken, saveRefreshToken }) => {
      const fail = (code: AuthErrorCode, facts: object = {}): AuthError =>
        new AuthError(`The vendor gave no token: ${code}.`, { code, provider: 'acme', operation: 'token', ...facts });
      if (clientOf(subject) === 'rotating' && refreshToken === null) throw fail('reconnect_required');
      const asked: Asked = { pid: process.pid, subject, secret, refreshToken };
      const issuedAt = Date.now();
      // Whatever this rejects with, nobody knows what has become of the refresh token.
      const response = await fetch(`${start.vendor}/token`, {
        method: 'POST',
        body: JSON.stringify(asked),
        signal: AbortSignal.any([signal, AbortSignal.timeout(CLIENT_TIMEOUT)]),
      });
      const answer = await response.json();
      const { status, headers } = response;
      if (status !== 200)
        throw fail(CODES[status] ?? 'invalid_response', {
          status,
          vendorCode: answer.error,
          retryAfter: Number(headers.get('retry-after') ?? 0) * 1_000,
        });
      const { value, lifetime, refreshToken: next }: Issued = answer;
      if (next !== null) await saveRefreshToken(next);
      return { value, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime };
    },
  });

interface Engines {
  readonly of: (subject: string) => ManagedSubject;
  /** Tokens that were reported to them as refused, and after how many reports. */
  readonly reported: Map<string, number>;
  readonly close: () => Promise<unknown>;
}

const openEngines = (store: Store, secret: string): Engines => {
  const open = (client: ReturnType<typeof clientOf>): ManagedMany =>
    managedMany(sourceOf(`${secret} of ${client}`), {
      store,
      key: client,
      account: client,
      provider: 'acme',
      singleUse: client === 'rotating',
      fingerprint: () => fingerprintOf(client, secret),
      observe: (event) => {
        console.log(JSON.stringify(event));
        if (event.type === 'served_without_store') tell({ alone: event.at });
      },
    });
  const engines = { plain: open('plain'), rotating: open('rotating') };
  return {
    of: (subject) => engines[clientOf(subject)].of(subject),
    reported: new Map(),
    close: () => Promise.all(Object.values(engines).map((engine) => engine[Symbol.asyncDispose]())),
  };
};

/** Milliseconds for which this process has run. A stop, or a machine that has no time for it, counts as 100. */
let awake = 0;
let last = performance.now();
const look = (): number => {
  const passed = performance.now() - last;
  last += passed;
  awake += Math.min(passed, 100);
  if (passed > 1_000) tell({ stalled: Date.now() - passed, to: Date.now() });
  return awake;
};
setInterval(look, 20);

const codeOf = (error: unknown): string => {
  // As a product logs it: the supervisor looks for secrets.
  console.error(error);
  return AuthError.is(error) ? error.code : `${error}`;
};

const visit = async (subject: string, isRepeated = false): Promise<void> => {
  const { of, reported } = engines;
  const tokens = of(subject);
  const [from, ran, reports] = [Date.now(), look(), reported.size];
  const answer = Promise.resolve(tokens.peek() ?? tokens.token()).catch(codeOf);
  const result = await Promise.race([answer, setTimeout(NEVER, 'no answer', { ref: false })]);
  const [to, waited] = [Date.now(), look() - ran];
  const token = typeof result === 'string' ? undefined : result;
  tell({
    call: subject,
    from,
    to,
    waited,
    code: typeof result === 'string' ? result : null,
    late: to - (token?.expiresAt ?? Number.MAX_SAFE_INTEGER) - (to - from - waited),
    isReported: token !== undefined && (reported.get(token.value) ?? Number.POSITIVE_INFINITY) <= reports,
  });
  if (token === undefined) return;
  const data = await fetch(`${start.vendor}/data`, { headers: { authorization: token.value } }).catch(() => undefined);
  if (data?.status === 204) tell({ accepted: subject, from });
  if (data?.status !== 401) return;
  if (!reported.has(token.value)) reported.set(token.value, reported.size + 1);
  await tellOf(subject, tokens.invalidate(token));
  if (!isRepeated) await visit(subject, true);
};

const adopt = (subject: string, { value, lifetime, refreshToken }: Issued): Promise<void> => {
  const issuedAt = Date.now();
  const token = { value, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime };
  return tellOf(subject, engines.of(subject).adopt(token, refreshToken ?? undefined));
};

/** Tells of a call that gives nothing. Without the store, what it says holds for this process, which does not say it again. */
const tellOf = async (subject: string, call: Promise<void>): Promise<void> => {
  const from = Date.now();
  const code = await call.then(() => null, codeOf);
  if (code !== 'store_unavailable') tell({ call: subject, from, to: Date.now(), waited: 0, code, late: 0, isReported: false });
};

const store = await openStore();
let engines = openEngines(store, start.secret);
process.on('message', (command: Command) => {
  if ('adopt' in command) return void adopt(command.adopt, command.token);
  const { close } = engines;
  engines = openEngines(store, command.secret);
  void close();
});
process.on('disconnect', () => process.exit());
for (;;) {
  await setTimeout(PACE - (Date.now() % PACE));
  void visit(SUBJECTS[Math.floor(Date.now() / PACE) % SUBJECTS.length] ?? '');
}
