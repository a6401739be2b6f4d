import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

type Environment = Readonly<Record<string, string | undefined>>;

const file = fileURLToPath(new URL('cli.ts', import.meta.url));
const open: { readonly close: () => unknown }[] = [];
afterEach(async () => {
  for (const { close } of open.splice(0)) await close();
});

/** Runs the command as a user does, in a process of its own. */
const start = (...words: readonly string[]) => {
  const child = spawn(process.execPath, ['--conditions=workspace-source', file, ...words], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  open.push({ close: () => child.kill('SIGKILL') });
  const exit: Promise<unknown> = once(child, 'close').then(([code]) => code);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** All lines up to the first one that matches, which is the last of them. */
  const until = async (pattern: RegExp): Promise<readonly string[]> => {
    const read: string[] = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`No line matches ${pattern}. The output was:\n${read.join('\n')}\n${err}`);
      read.push(value);
      if (pattern.test(value)) return read;
    }
  };
  /** Whatever has not been read yet, once the process has ended. */
  const rest = async (): Promise<readonly string[]> => {
    const read: string[] = [];
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return read;
      read.push(value);
    }
  };
  /** The lines before the log, and the variables in them, by vendor. */
  const ready = async (): Promise<{ readonly lines: readonly string[]; readonly environments: readonly Environment[] }> => {
    const printed = await until(/^# Requests/);
    const environments = printed.join('\n').split('\n\n').slice(0, -1).map(parseEnv);
    return { lines: printed, environments };
  };
  return { child, until, rest, ready, ended: async () => ({ code: await exit, err }) };
};

const listening = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) });
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

const finicityToken = (env: Environment, secret = env['FINICITY_PARTNER_SECRET']): Promise<Response> =>
  fetch(new URL('aggregation/v2/partners/authentication', env['FINICITY_BASE_URL']), {
    method: 'POST',
    headers: { 'finicity-app-key': env['FINICITY_APP_KEY'] ?? '', 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ partnerId: env['FINICITY_PARTNER_ID'], partnerSecret: secret }),
  });

const budgeaUser = (env: Environment, secret = env['BUDGEA_CLIENT_SECRET']): Promise<Response> =>
  fetch(new URL('auth/init', env['BUDGEA_BASE_URL']), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: env['BUDGEA_CLIENT_ID'], client_secret: secret }),
  });

describe('auth-sandbox', () => {
  it('prints, for each vendor, what points a provider at it', async () => {
    const { ready } = start();
    const { lines, environments } = await ready();
    const [finicity = {}, budgea = {}] = environments;
    expect(environments.map((env) => Object.keys(env)[0])).toEqual(['AUTH_PROVIDER', 'AUTH_PROVIDER']);
    expect([finicity['AUTH_PROVIDER'], budgea['AUTH_PROVIDER']]).toEqual(['finicity', 'budgea']);
    expect(lines).toContain(`# Finicity: ${finicity['FINICITY_BASE_URL']}`);
    expect(lines).toContain(`# Admin API: ${new URL('/__sandbox', budgea['BUDGEA_BASE_URL'])}`);
    expect((await finicityToken(finicity)).status).toBe(200);
    expect((await budgeaUser(budgea)).status).toBe(200);
  });

  it('logs each call with its outcome, and none of the secrets', async () => {
    const { ready, until } = start('all');
    const { environments } = await ready();
    const [finicity = {}, budgea = {}] = environments;
    const secrets = ['wrong-secret-1', 'wrong-secret-2', 'in-the-query'];
    const { token } = await finicityToken(finicity).then((response) => response.json());
    await finicityToken(finicity, secrets[0]);
    const log = [...(await until(/ 401 /))];
    const { auth_token } = await budgeaUser(budgea).then((response) => response.json());
    await budgeaUser(budgea, secrets[1]);
    log.push(...(await until(/ 401 /)));
    await fetch(new URL(`nowhere?code=${secrets[2]}`, budgea['BUDGEA_BASE_URL']), { headers: { authorization: `Bearer ${auth_token}` } });
    log.push(...(await until(/ 404 /)));

    const withoutTimes = log.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''));
    expect(withoutTimes).toEqual([
      'finicity POST   /aggregation/v2/partners/authentication 200',
      'finicity POST   /aggregation/v2/partners/authentication 401 10001',
      'budgea   POST   /2.0/auth/init 200',
      'budgea   POST   /2.0/auth/init 401 invalid_client',
      'budgea   GET    /2.0/nowhere?code=*** 404 notFound',
    ]);
    const { FINICITY_PARTNER_SECRET, FINICITY_APP_KEY } = finicity;
    const { BUDGEA_CLIENT_SECRET, BUDGEA_MANAGE_TOKEN } = budgea;
    const known = [FINICITY_PARTNER_SECRET, FINICITY_APP_KEY, BUDGEA_CLIENT_SECRET, BUDGEA_MANAGE_TOKEN, token, auth_token, ...secrets];
    for (const secret of known) expect(log.join('\n')).not.toContain(secret ?? 'undefined');
  });

  it('answers at the admin API that it prints, and logs the fault that was asked for', async () => {
    const { ready, until } = start('budgea');
    const { lines, environments } = await ready();
    const admin = lines.find((line) => line.startsWith('# Admin API: '))?.replace('# Admin API: ', '');
    const added = await fetch(`${admin}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reply: { kind: 'status', status: 503 } }),
    });
    expect(added.status).toBe(201);
    expect((await budgeaUser(environments[0] ?? {})).status).toBe(503);
    expect((await until(/POST/)).at(-1)).toMatch(/^\S+ POST {3}\/2\.0\/auth\/init 503 fault:status$/);
  });

  it('gives the same credentials and tokens for the same seed, with the other vendor or without', async () => {
    const withoutUrls = (lines: readonly string[]): readonly string[] => lines.filter((line) => !line.includes('http:'));
    const runs: { readonly lines: readonly string[]; readonly token: unknown }[] = [];
    for (const seed of ['--seed=demo', '--seed=demo', '--seed=demi']) {
      const { lines, environments } = await start('budgea', seed).ready();
      runs.push({ lines: withoutUrls(lines), token: (await (await budgeaUser(environments[0] ?? {})).json()).auth_token });
    }
    const [first, second, other] = runs;
    expect(second).toEqual(first);
    expect(other?.lines).not.toEqual(first?.lines);
    expect(other?.token).not.toBe(first?.token);
    const { lines } = await start('all', '--seed=demo').ready();
    expect(withoutUrls(lines).join('\n')).toContain(first?.lines.join('\n'));
  });

  it('follows the profile that it was given', async () => {
    const { environments } = await start('budgea', '--profile=2019').ready();
    // Powens would answer 401.
    expect((await budgeaUser(environments[0] ?? {}, 'wrong')).status).toBe(403);
  });

  it('prints beside the variables what else is needed to try everything', async () => {
    const { lines, environments } = await start('budgea').ready();
    const token = lines.find((line) => line.startsWith('# usersToken: '))?.replace('# usersToken: ', '');
    const listed = await fetch(new URL('users', environments[0]?.['BUDGEA_BASE_URL']), { headers: { authorization: `Bearer ${token}` } });
    expect(listed.status).toBe(200);
  });

  it('has the plan that it was given', async () => {
    const { environments } = await start('finicity', '--plan=production').ready();
    const { FINICITY_APP_KEY = '', FINICITY_BASE_URL } = environments[0] ?? {};
    const { token } = await finicityToken(environments[0] ?? {}).then((response) => response.json());
    const enrolled = await fetch(new URL('aggregation/v2/customers/active', FINICITY_BASE_URL), {
      method: 'POST',
      headers: { 'finicity-app-key': FINICITY_APP_KEY, 'finicity-app-token': token, 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'customer1' }),
    });
    // The test plan would answer 401.
    expect(enrolled.status).toBe(201);
  });

  it('prints nothing but an .env file when it is to be quiet', async () => {
    const { child, until, rest } = start('finicity', '--quiet');
    const printed = await until(/^FINICITY_BASE_URL=/);
    expect((await finicityToken(parseEnv(printed.join('\n')))).status).toBe(200);
    child.kill('SIGTERM');
    expect(await rest()).toEqual(['']);
  });

  it('prints an object on each line when it is to write JSON', async () => {
    const { until } = start('all', '--json');
    const announced = (await until(/"vendor":"budgea"/)).map((line) => JSON.parse(line));
    expect(announced.map(({ type, vendor }) => [type, vendor])).toEqual([
      ['listening', 'finicity'],
      ['listening', 'budgea'],
    ]);
    await finicityToken(announced[0].environment, 'wrong');
    const [line = ''] = await until(/./);
    expect(JSON.parse(line)).toMatchObject({ type: 'call', vendor: 'finicity', method: 'POST', status: 401, code: '10001' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 on %s, although a call hangs', async (signal) => {
    const { child, ready, until, ended } = start('budgea');
    const { environments } = await ready();
    const url = environments[0]?.['BUDGEA_BASE_URL'];
    const body = JSON.stringify({ reply: { kind: 'hang' } });
    await fetch(new URL('/__sandbox/faults', url), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const hanging = budgeaUser(environments[0] ?? {}).catch((error: unknown) => error);
    await until(/fault:hang/);
    child.kill(signal);
    expect(await ended()).toEqual({ code: 0, err: '' });
    expect(await hanging).toBeInstanceOf(TypeError);
  });

  it('ends quietly when nobody reads its output any more', async () => {
    const { child, ready, ended } = start('budgea');
    const { environments } = await ready();
    child.stdout.destroy();
    await budgeaUser(environments[0] ?? {}).catch(() => undefined);
    expect(await ended()).toEqual({ code: 0, err: '' });
  });

  it('says in one line that a port is taken', async () => {
    const port = await listening(createServer(), 0);
    const { rest, ended } = start('finicity', '--port', String(port));
    expect(await rest()).toEqual([]);
    expect(await ended()).toEqual({
      code: 1,
      err: `Port ${port} is taken. Choose another with --port, or leave it out for a free one.\n`,
    });
  });

  it('takes the next port for the second server, and starts none when that is taken', async () => {
    const port = await freeBeforeTaken();
    const { rest, ended } = start('all', '--port', String(port));
    expect(await rest()).toEqual([]);
    expect(await ended()).toMatchObject({ code: 1, err: expect.stringContaining(`Port ${port + 1} is taken.`) });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(TypeError);
  });

  it('warns of a host that others may reach', async () => {
    // An address for documentation, which no machine has.
    const { ended } = start('--host', '192.0.2.1');
    const { code, err } = await ended();
    expect(code).toBe(1);
    expect(err.split('\n')).toEqual([
      'Warning: on 192.0.2.1, everybody on the network can reach the sandbox and its admin API, which asks nobody for a password.',
      'Cannot listen on 192.0.2.1: EADDRNOTAVAIL. Give an address of this machine with --host.',
      '',
    ]);
  });

  it('ends with 2 when it does not understand', async () => {
    const { rest, ended } = start('--profile', '2020');
    expect(await rest()).toEqual([]);
    expect(await ended()).toEqual({ code: 2, err: '--profile is one of 2019, powens, not "2020".\nSee auth-sandbox --help.\n' });
  });

  it('ends with 0 when it is asked for help', async () => {
    const { rest, ended } = start('--help');
    expect((await rest()).join('\n')).toContain('USAGE auth-sandbox');
    expect(await ended()).toEqual({ code: 0, err: '' });
  });
});
