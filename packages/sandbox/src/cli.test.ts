import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

type Environment = Readonly<Record<string, string | undefined>>;

const file = fileURLToPath(new URL('cli.ts', import.meta.url));

/** Runs the command as a user does, in a process of its own. */
const start = (...words: readonly string[]) => {
  const child = spawn(process.execPath, ['--conditions=workspace-source', file, ...words], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const exit: Promise<unknown> = once(child, 'close').then(([code]) => code);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** All lines up to the first one that matches, which is the last of them; without a pattern all until the process ends. */
  const until = async (pattern?: RegExp): Promise<readonly string[]> => {
    const read: string[] = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done && pattern === undefined) return read;
      if (done) throw new Error(`No line matches ${pattern}. The output was:\n${read.join('\n')}\n${err}`);
      read.push(value);
      if (pattern?.test(value)) return read;
    }
  };
  const exited = async () => ({ code: await exit, err });
  return {
    ...{ child, until, exited },
    /** The lines before the log, and the variables in them, by vendor. */
    ready: async () => {
      const printed = await until(/^# Requests/);
      const [first = {}, second = {}] = printed.join('\n').split('\n\n').slice(0, -1).map(parseEnv) as readonly Environment[];
      return { printed, first, second };
    },
    /** What was not read yet, and how it ended. */
    ended: async () => ({ out: await until(), ...(await exited()) }),
  };
};

/** The port on which this listens until the test is over. */
const listening = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
};

/** A free port, and one after it that is taken. */
const freeBeforeTaken = async (): Promise<number> => {
  const free = createServer();
  const port = await listening(free, 0);
  try {
    await listening(createServer(), port + 1);
  } catch {
    return freeBeforeTaken();
  }
  await new Promise((resolve) => free.close(resolve));
  return port;
};

const json = { 'content-type': 'application/json' };
const post = (url: URL, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { ...json, accept: 'application/json', ...headers }, body: JSON.stringify(body) });
const finicityToken = (env: Environment, partnerSecret = env['FINICITY_PARTNER_SECRET']): Promise<Response> => {
  const url = new URL('aggregation/v2/partners/authentication', env['FINICITY_BASE_URL']);
  return post(url, { partnerId: env['FINICITY_PARTNER_ID'], partnerSecret }, { 'finicity-app-key': env['FINICITY_APP_KEY'] ?? '' });
};
const budgeaUser = (env: Environment, client_secret = env['BUDGEA_CLIENT_SECRET']): Promise<Response> =>
  post(new URL('auth/init', env['BUDGEA_BASE_URL']), { client_id: env['BUDGEA_CLIENT_ID'], client_secret });

describe('auth-sandbox', () => {
  it('prints, for each vendor, what points a provider at it, and logs each call with its outcome, but no secrets', async () => {
    const { ready, until } = start();
    const { printed, first: finicity, second: budgea } = await ready();
    expect([finicity['AUTH_PROVIDER'], budgea['AUTH_PROVIDER']]).toEqual(['finicity', 'budgea']);
    expect(printed).toContain(`# Finicity: ${finicity['FINICITY_BASE_URL']}`);
    expect(printed).toContain(`# Admin API: ${new URL('/__sandbox', budgea['BUDGEA_BASE_URL'])}`);

    const { token } = await (await finicityToken(finicity)).json();
    await finicityToken(finicity, 'wrong-secret-1');
    const log = [...(await until(/ 401 /))];
    const { auth_token } = await (await budgeaUser(budgea)).json();
    await budgeaUser(budgea, 'wrong-secret-2');
    log.push(...(await until(/ 401 /)));
    await fetch(new URL('nowhere?code=in-the-query', budgea['BUDGEA_BASE_URL']), { headers: { authorization: `Bearer ${auth_token}` } });
    log.push(...(await until(/ 404 /)));
    expect(log.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''))).toEqual([
      'finicity POST   /aggregation/v2/partners/authentication 200',
      'finicity POST   /aggregation/v2/partners/authentication 401 10001',
      'budgea   POST   /2.0/auth/init 200',
      'budgea   POST   /2.0/auth/init 401 invalid_client',
      'budgea   GET    /2.0/nowhere?code=*** 404 notFound',
    ]);
    const names = ['FINICITY_PARTNER_SECRET', 'FINICITY_APP_KEY', 'BUDGEA_CLIENT_SECRET', 'BUDGEA_MANAGE_TOKEN'];
    const given = names.map((name) => String({ ...finicity, ...budgea }[name]));
    for (const secret of [...given, token, auth_token, 'wrong-secret', 'in-the-query']) expect(log.join('\n')).not.toContain(secret);
  });

  it('follows the profile, prints what else is needed to try everything, and logs faults that its admin API is asked for', async () => {
    const { ready, until } = start('budgea', '--profile=2019');
    const { printed, first } = await ready();
    const after = (prefix: string): string => printed.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? '';
    // Powens would answer 401.
    expect((await budgeaUser(first, 'wrong')).status).toBe(403);
    const headers = { authorization: `Bearer ${after('# usersToken: ')}` };
    expect((await fetch(new URL('users', first['BUDGEA_BASE_URL']), { headers })).status).toBe(200);
    const added = await post(new URL(`${after('# Admin API: ')}/faults`), { reply: { kind: 'status', status: 503 } });
    expect([added.status, (await budgeaUser(first)).status]).toEqual([201, 503]);
    expect((await until(/fault/)).at(-1)).toMatch(/^\S+ POST {3}\/2\.0\/auth\/init 503 fault:status$/);
  });

  it('gives the same credentials and tokens for the same seed, with the other vendor or without', async () => {
    const runs: { readonly lines: string; readonly token: unknown }[] = [];
    for (const words of [
      ['budgea', '--seed=demo'],
      ['budgea', '--seed=demi'],
      ['all', '--seed=demo'],
    ]) {
      const { printed, first, second } = await start(...words).ready();
      const budgea = words[0] === 'all' ? second : first;
      const lines = printed.filter((line) => !line.includes('http:')).join('\n');
      runs.push({ lines, token: (await (await budgeaUser(budgea)).json()).auth_token });
    }
    const [alone, other, both] = runs;
    expect(both).toEqual({ lines: expect.stringContaining(alone?.lines ?? 'none'), token: alone?.token });
    expect([other?.lines === alone?.lines, other?.token === alone?.token]).toEqual([false, false]);
  });

  it('has the plan that it was given, and prints nothing but an .env file when it is to be quiet', async () => {
    const { child, until, ended } = start('finicity', '--plan=production', '--quiet');
    const env: Environment = parseEnv((await until(/^FINICITY_BASE_URL=/)).join('\n'));
    const { token } = await (await finicityToken(env)).json();
    const headers = { 'finicity-app-key': env['FINICITY_APP_KEY'] ?? '', 'finicity-app-token': token };
    const enrolled = await post(new URL('aggregation/v2/customers/active', env['FINICITY_BASE_URL']), { username: 'customer1' }, headers);
    // The test plan would answer 401.
    expect(enrolled.status).toBe(201);
    child.kill('SIGTERM');
    expect((await ended()).out).toEqual(['']);
  });

  it('prints an object on each line when it is to write JSON', async () => {
    const { until } = start('all', '--json');
    const announced = (await until(/"vendor":"budgea"/)).map((line) => JSON.parse(line));
    expect(announced).toMatchObject([
      { type: 'listening', vendor: 'finicity' },
      { type: 'listening', vendor: 'budgea' },
    ]);
    await finicityToken(announced[0].environment, 'wrong');
    const [line = ''] = await until(/./);
    expect(JSON.parse(line)).toMatchObject({ type: 'call', vendor: 'finicity', method: 'POST', status: 401, code: '10001' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s, although a call hangs', async (signal) => {
    const { child, ready, until, ended } = start('budgea');
    const { first } = await ready();
    await post(new URL('/__sandbox/faults', first['BUDGEA_BASE_URL']), { reply: { kind: 'hang' } });
    const hanging = budgeaUser(first).catch((error: unknown) => error);
    await until(/fault:hang/);
    child.kill(signal);
    expect(await ended()).toEqual({ out: [], code: 0, err: '' });
    expect(await hanging).toBeInstanceOf(TypeError);
  });

  it('ends quietly when nobody reads its output any more', async () => {
    const { child, ready, exited } = start('budgea');
    const { first } = await ready();
    child.stdout.destroy();
    await budgeaUser(first).catch(() => undefined);
    expect(await exited()).toEqual({ code: 0, err: '' });
  });

  it('says in one line that a port is taken', async () => {
    const port = await listening(createServer(), 0);
    const err = `Port ${port} is taken. Choose another with --port, or leave it out for a free one.\n`;
    expect(await start('finicity', '--port', String(port)).ended()).toEqual({ out: [], code: 1, err });
  });

  it('takes the next port for the second server, and starts none when that is taken', async () => {
    const port = await freeBeforeTaken();
    const { out, code, err } = await start('all', '--port', String(port)).ended();
    expect([out, code, err]).toEqual([[], 1, expect.stringContaining(`Port ${port + 1} is taken.`)]);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(TypeError);
  });

  it('warns of a host that others may reach', async () => {
    const warning = 'everybody on the network can reach the sandbox and its admin API, which asks nobody for a password.';
    const failure = 'Cannot listen on 192.0.2.1: EADDRNOTAVAIL. Give an address of this machine with --host.';
    // An address for documentation, which no machine has.
    const expected = { out: [], code: 1, err: `Warning: on 192.0.2.1, ${warning}\n${failure}\n` };
    expect(await start('--host', '192.0.2.1').ended()).toEqual(expected);
  });

  it('ends with 2 when it does not understand, and with 0 when it is asked for help', async () => {
    const err = '--profile is one of 2019, powens, not "2020".\nSee auth-sandbox --help.\n';
    expect(await start('--profile', '2020').ended()).toEqual({ out: [], code: 2, err });
    const { out, ...help } = await start('--help').ended();
    expect([out.join('\n'), help]).toEqual([expect.stringContaining('USAGE auth-sandbox'), { code: 0, err: '' }]);
  });
});
