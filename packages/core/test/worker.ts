/**
 * A process of a product: one engine on a shared store, told what to do by lines on stdin, or by its argument; then it ends
 * when nothing keeps it. Prints a line for every result and every event.
 */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { AuthErrorCode, Managed, ManagedOptions, Token, TokenSource } from '../src/index.ts';
import { AuthError, managed, systemClock } from '../src/index.ts';
import { managedMany } from '../src/kit/managed-many.ts';
import { fileStore } from './file-store.ts';
import type { Answer, Asked, Command, EngineOptions, Line, Numbered, Result } from './protocol.ts';
import { standstillClock } from './standstill-clock.ts';

/** What the statuses of the upstream mean. */
const CODES: ReadonlyMap<number, AuthErrorCode> = new Map([
  [400, 'reconnect_required'],
  [401, 'invalid_credentials'],
  [423, 'locked'],
  [503, 'unavailable'],
]);

const print = (line: Line): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** One request. Errors of the network stay as they are, as nobody knows what they mean for a refresh token. */
const post = (url: string, asked: Asked, signal: AbortSignal, isUnref: boolean): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', agent: false, signal }, async (response) => {
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      resolve(JSON.parse(text));
    });
    sending.on('error', reject);
    // From here on only the engine can keep the process alive.
    if (isUnref) sending.on('finish', () => sending.socket?.unref());
    sending.end(JSON.stringify(asked));
  });

const sourceOf =
  ({ url, secret = '', isUnref = false }: EngineOptions) =>
  (subject: string): TokenSource => ({
    token: async ({ signal, refreshToken, saveRefreshToken }) => {
      const before = Date.now();
      const answer = await post(url, { pid: process.pid, subject, secret, refreshToken }, signal, isUnref);
      if ('status' in answer)
        throw new AuthError(`The upstream answered ${answer.status}.`, {
          code: CODES.get(answer.status) ?? 'unavailable',
          provider: 'acme',
          operation: 'token',
          status: answer.status,
        });
      if (answer.refreshToken !== undefined) await saveRefreshToken(answer.refreshToken);
      const issuedAt = before - (answer.age ?? 0);
      return { value: answer.value, issuedAt, expiresAt: issuedAt + answer.lifetime };
    },
  });

interface Opened {
  readonly of: (subject: string) => Omit<Managed, typeof Symbol.asyncDispose>;
  readonly close: () => Promise<void>;
}

const open = (options: EngineOptions): Opened => {
  const { secret, path, key, account, isSingleUse, hasSubjects, standstill } = options;
  const shared: ManagedOptions = {
    store: fileStore(path),
    key,
    account,
    clock: standstill === undefined ? systemClock : standstillClock(standstill),
    singleUse: isSingleUse,
    fingerprint: secret === undefined ? undefined : () => createHash('sha256').update(secret).digest('base64url'),
    provider: 'acme',
    observe: (event) => print({ event }),
  };
  const source = sourceOf(options);
  if (hasSubjects) {
    const many = managedMany(source, shared);
    return { of: many.of, close: () => many[Symbol.asyncDispose]() };
  }
  const one = managed(source(''), shared);
  return { of: () => one, close: () => one[Symbol.asyncDispose]() };
};

/** How many callers got which value, or which code. */
const tally = async (callers: readonly Promise<Token>[]): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.allSettled(callers)) {
    const name = outcome.status === 'fulfilled' ? outcome.value.value : codeOf(outcome.reason);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};
const codeOf = (error: unknown): string => (AuthError.is(error) ? error.code : String(error));

let opened: Opened | undefined;
const current = (): Opened => {
  if (opened === undefined) throw new Error('Nothing is open.');
  return opened;
};

const execute = async (command: Command): Promise<Result> => {
  switch (command.do) {
    case 'open':
      await opened?.close();
      opened = open(command.options);
      return {};
    case 'token': {
      const { of } = current();
      const callers = 'callers' in command ? Array.from({ length: command.callers }, () => '') : command.subjects;
      return { tally: await tally(callers.map((subject) => of(subject).token())) };
    }
    case 'invalidate':
      await current().of('').invalidate({ value: command.value, issuedAt: 0, expiresAt: null });
      return {};
    case 'adopt':
      await current().of('').adopt({ value: command.value, issuedAt: Date.now(), expiresAt: null }, command.refreshToken);
      return {};
    case 'reset':
      await current().of('').reset();
      return {};
    case 'status':
      return { status: await current().of('').status() };
  }
};

const run = async ({ number, command }: Numbered): Promise<void> => {
  try {
    print({ number, result: await execute(command) });
  } catch (error) {
    print({ number, failure: codeOf(error) });
  }
};

const [, , script] = process.argv;
if (script === undefined) {
  // Ends with the process that started it.
  createInterface({ input: process.stdin })
    .on('line', (line) => void run(JSON.parse(line)))
    .on('close', () => process.exit());
} else {
  const commands: readonly Command[] = JSON.parse(script);
  for (const [number, command] of commands.entries()) await run({ number, command });
}
