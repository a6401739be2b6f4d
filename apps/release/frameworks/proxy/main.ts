// Budgea behind a server with a certificate of a private authority, which lets nobody in without a certificate of that authority, and a proxy on
// the way there. Users are created, as a request whose outcome is unclear is the worst that can happen to somebody who creates them.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { budgea } from '@auth/budgea';
import { AuthError, authorizedFetch } from '@auth/core';
import { generate } from 'selfsigned';
import { expect } from '../shared/expect.js';
import { sandboxAt } from '../shared/sandbox.js';
import { run } from '../shared/steps.js';
import { throughProxy, withCertificates } from './transport.ts';

const { BUDGEA_BASE_URL = '', BUDGEA_DOMAIN = '', BUDGEA_CLIENT_ID = '', BUDGEA_CLIENT_SECRET = '' } = process.env;
const sandbox = sandboxAt(BUDGEA_BASE_URL);
const account = { domain: BUDGEA_DOMAIN, clientId: BUDGEA_CLIENT_ID, clientSecret: BUDGEA_CLIENT_SECRET };

const portOf = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const joined = (one: Socket | TLSSocket, other: Socket): void => {
  for (const socket of [one, other]) socket.on('error', () => [one, other].forEach((each) => void each.destroy()));
  one.pipe(other).pipe(one);
};

const authority = await generate([{ name: 'commonName', value: 'Private authority' }], {
  algorithm: 'sha256',
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
  ],
});
const ca = { key: authority.private, cert: authority.cert };
const signed = async (name: string): Promise<{ key: string; cert: string }> => {
  const extensions = [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }] as const;
  const made = await generate([{ name: 'commonName', value: name }], { algorithm: 'sha256', ca, extensions: [...extensions] });
  return { key: made.private, cert: made.cert };
};
const [ofServer, ofClient] = [await signed('localhost'), await signed('product')];

const peers: string[] = [];
const gateway = (requestCert: boolean): Server =>
  createTlsServer({ ...ofServer, ca: [ca.cert], requestCert, rejectUnauthorized: requestCert }, (socket) => {
    peers.push(String(socket.getPeerCertificate().subject?.CN));
    joined(socket, connect(Number(new URL(BUDGEA_BASE_URL).port), '127.0.0.1'));
  }).on('tlsClientError', () => {});

const asked: { to: string | undefined; by: string | undefined }[] = [];
const proxy = (credentials: string | undefined): Server =>
  createServer((_, response) => response.writeHead(501).end()).on('connect', ({ url, headers }: IncomingMessage, socket: Socket) => {
    const by = headers['proxy-authorization'];
    asked.push({ to: url, by });
    if (credentials !== undefined && by !== credentials) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [host, port] = (url ?? '').split(':');
    const there = connect(Number(port), host);
    there.once('connect', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    joined(socket, there);
  });

const servers = {
  open: gateway(false),
  strict: gateway(true),
  proxy: proxy(undefined),
  closed: proxy(`Basic ${btoa('product:s3cr3t word')}`),
};
const [open, strict, proxyPort, closedPort] = [
  await portOf(servers.open),
  await portOf(servers.strict),
  await portOf(servers.proxy),
  await portOf(servers.closed),
];
const at = (port: number): string => `https://localhost:${port}/2.0/`;

type Transport = NonNullable<Parameters<typeof budgea>[0]['fetch']>;

/** A user, whose token is asked for and refused and renewed on the way. */
const works = async (baseUrl: string, fetch: Transport): Promise<void> => {
  await using provider = budgea({ ...account, baseUrl, fetch });
  const { id } = await provider.users.create({ reference: 'customer-17' });
  const call = authorizedFetch(provider.asUser(id));
  expect((await call('users/me/connections')).status === 200, 'The first call failed.');
  await sandbox.expireTokens();
  const { status } = await call('users/me/connections');
  expect(status === 200, `The call after the token had ended was answered ${status}.`);
};

/** A user who is not created, of whom nobody has heard. */
const fails = async (baseUrl: string, fetch: Transport | undefined, words: readonly RegExp[]): Promise<void> => {
  const past = await sandbox.calls();
  await using provider = budgea({ ...account, baseUrl, ...(fetch && { fetch }) });
  const error: unknown = await provider.users.create({ reference: 'customer-17' }).catch((reason: unknown) => reason);
  expect((await sandbox.calls()).length === past.length, 'The vendor was asked.');
  expect(AuthError.is(error), `It did not reject with an AuthError, but with ${error}.`);
  const { code, message } = error as AuthError;
  expect(code === 'unavailable', `The code is ${code}: ${message}`);
  for (const word of words) expect(word.test(message), `The message does not say ${word}: ${message}`);
  expect(!message.includes('s3cr3t'), 'The password of the proxy is in the message.');
};

const folder = mkdtempSync(join(tmpdir(), 'authority-'));
writeFileSync(join(folder, 'ca.pem'), ca.cert);

await run({
  'through a proxy that wants no credentials': async () => {
    asked.length = 0;
    await works(at(open), throughProxy(`http://127.0.0.1:${proxyPort}`, { ca: ca.cert }));
    expect(asked.length > 0 && asked.every(({ to }) => to === `localhost:${open}`), 'It did not go through the proxy.');
  },
  'through a proxy that wants credentials, to a server that wants a certificate': async () => {
    asked.length = 0;
    peers.length = 0;
    await works(at(strict), throughProxy(`http://product:s3cr3t%20word@127.0.0.1:${closedPort}`, { ca: ca.cert, ...ofClient }));
    expect(peers.length > 0 && peers.every((name) => name === 'product'), `The server saw ${peers}.`);
    expect(asked.length > 0 && asked.every(({ by }) => by !== undefined), 'The proxy got no credentials.');
  },
  'without the credentials that the proxy wants, nothing was sent, and the error says why': () =>
    fails(at(open), throughProxy(`http://127.0.0.1:${closedPort}`, { ca: ca.cert }), [/proxy/i, /Nothing was sent/]),
  'without a proxy where one should be, nothing was sent': () =>
    fails(at(open), throughProxy('http://127.0.0.1:1', { ca: ca.cert }), [/ECONNREFUSED/, /Nothing was sent/]),
  'a private authority that nobody trusts: nothing was sent, and the error says what to set': () =>
    fails(at(open), undefined, [/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/, /NODE_EXTRA_CA_CERTS/, /Nothing was sent/]),
  'a name that is not in the certificate: nothing was sent, and the error says so': () =>
    fails(at(open).replace('localhost', '127.0.0.1'), withCertificates({ ca: ca.cert, ...ofClient }), [/ERR_TLS_CERT_ALTNAME_INVALID/]),
  'https to a plain port: nothing was sent': () =>
    fails(`https://127.0.0.1:${new URL(BUDGEA_BASE_URL).port}/2.0/`, undefined, [/Nothing was sent/]),
  'with the authority and the certificate of the product': async () => {
    peers.length = 0;
    await works(at(strict), withCertificates({ ca: ca.cert, ...ofClient }));
    expect(peers.length > 0 && peers.every((name) => name === 'product'), `The server saw ${peers}.`);
  },
  'without the certificate that the server wants, the error says so': async () => {
    const past = await sandbox.calls();
    await using provider = budgea({ ...account, baseUrl: at(strict), fetch: withCertificates({ ca: ca.cert }) });
    const error: unknown = await provider.users.create({ reference: 'customer-17' }).catch((reason: unknown) => reason);
    expect((await sandbox.calls()).length === past.length, 'The vendor was asked.');
    // Node itself may learn of it only after it has sent the request, which the server then never reads.
    const message = AuthError.is(error) ? error.message : '';
    expect(/CERTIFICATE_REQUIRED|ECONNRESET|UND_ERR_SOCKET|EPIPE/.test(message), `It does not say why: ${error}`);
  },
  'by the environment alone: HTTPS_PROXY, and NODE_EXTRA_CA_CERTS': async () => {
    asked.length = 0;
    const { stdout } = await promisify(execFile)(process.execPath, ['environment.js'], {
      env: {
        ...process.env,
        BUDGEA_BASE_URL: at(open),
        NODE_USE_ENV_PROXY: '1',
        HTTPS_PROXY: `http://product:s3cr3t%20word@127.0.0.1:${closedPort}`,
        NO_PROXY: undefined,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      },
    });
    expect(stdout.trim() === 'created', `It printed ${stdout}.`);
    expect(asked.length > 0 && asked.every(({ to }) => to === `localhost:${open}`), 'It did not go through the proxy.');
  },
});

rmSync(folder, { recursive: true, force: true });
for (const server of Object.values(servers)) server.close();
process.exit();
