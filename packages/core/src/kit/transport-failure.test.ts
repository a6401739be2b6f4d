import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSigned } from '../../test/certificate.ts';
import { rejectionOf } from '../../test/rejection-of.ts';
import { transportFailureOf } from './transport-failure.ts';

/** The port of a server that stands until the test ends. */
const listening = async (server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
};
const answering = (answer: string): Server => createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer)));

const closedPort = async (): Promise<number> => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const failed = (message: string, facts: object = {}): Error => Object.assign(new Error(message), facts);
/** As Node's `fetch`, and Deno's, rejects. */
const fetchFailed = (cause: unknown): Error => new TypeError('fetch failed', { cause });
const inDeno = (message: string): Error =>
  fetchFailed(new Error(`error sending request for url (https://api.acme.example/v1): ${message}`));

describe('nothing was sent', () => {
  it.each<[string, string, () => Promise<string>]>([
    ['a host that does not exist', 'no such host', async () => 'http://api.acme.invalid/'],
    ['a port where nobody listens', 'no connection', async () => `http://127.0.0.1:${await closedPort()}/`],
    ['a port that fetch blocks', 'does not allow', async () => 'http://127.0.0.1:1/'],
    ['a port that does not speak TLS', 'TLS', async () => `https://127.0.0.1:${await listening(answering('HTTP/1.1 400 No\r\n\r\n'))}/`],
    ['a connection that ends in the handshake', 'TLS', async () => `https://127.0.0.1:${await listening(answering(''))}/`],
    [
      'a certificate that nobody vouches for',
      'not trusted',
      async () => `https://localhost:${await listening(createTlsServer(selfSigned()))}/`,
    ],
  ])('to %s, on this runtime', async (_, problem, urlOf) => {
    const error = await rejectionOf(fetch(await urlOf(), { method: 'POST', body: '{}' }));
    expect(transportFailureOf(error).unsent?.problem).toContain(problem);
  });

  // As they were seen on Node 22 and 24, undici, Bun 1.4 and Deno 2.9.
  it.each<[string, Error, string, string | undefined]>([
    ['DNS, Node', fetchFailed(failed('', { code: 'EAI_FAIL', syscall: 'getaddrinfo' })), 'no such host', 'EAI_FAIL'],
    ['DNS, Bun', failed('getaddrinfo ENOTFOUND', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'no such host', 'ENOTFOUND'],
    ['DNS, Deno', inDeno('client error (Connect): dns error: failed to lookup address'), 'no such host', 'ENOTFOUND'],
    ['DNS that times out', fetchFailed(failed('', { code: 'ETIMEOUT', syscall: 'queryA' })), 'no such host', 'ETIMEOUT'],
    ['connect, Node', fetchFailed(failed('', { code: 'ENETDOWN', syscall: 'connect' })), 'no connection', 'ENETDOWN'],
    ['connect in time, undici', fetchFailed(failed('', { code: 'UND_ERR_CONNECT_TIMEOUT' })), 'no connection', 'UND_ERR_CONNECT_TIMEOUT'],
    [
      'connect, several addresses',
      fetchFailed(new AggregateError([failed('', { code: 'ETIMEDOUT', syscall: 'connect' }), failed('', { code: 'ETIMEDOUT' })])),
      'no connection',
      'ETIMEDOUT',
    ],
    ['connect, Bun', failed('ECONNREFUSED: Unable to connect.', { code: 'ECONNREFUSED', errno: 0 }), 'no connection', 'ECONNREFUSED'],
    ['connect, older Bun', failed('Unable to connect.', { code: 'ConnectionRefused' }), 'no connection', 'ConnectionRefused'],
    [
      'connect, Deno',
      inDeno('client error (Connect): tcp connect error: Connection refused (os error 111)'),
      'no connection',
      'ECONNREFUSED',
    ],
    ['reset in the handshake, Deno', inDeno('client error (Connect): Connection reset by peer (os error 104)'), 'no connection', undefined],
    ['no permission, Deno', failed('Requires net access', { name: 'NotCapable' }), 'does not allow', undefined],
    ['unknown CA, Node', fetchFailed(failed('', { code: 'SELF_SIGNED_CERT_IN_CHAIN' })), 'not trusted', 'SELF_SIGNED_CERT_IN_CHAIN'],
    [
      'unknown CA, Deno',
      inDeno('client error (Connect): invalid peer certificate: UnknownIssuer'),
      'not trusted',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    ['expired, Node and Bun', fetchFailed(failed('', { code: 'CERT_HAS_EXPIRED' })), 'has expired', 'CERT_HAS_EXPIRED'],
    [
      'expired, Deno',
      inDeno('client error (Connect): invalid peer certificate: certificate expired: verification time 17'),
      'has expired',
      'CERT_HAS_EXPIRED',
    ],
    ['wrong name, Node', fetchFailed(failed('', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })), 'another host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'wrong name, Deno',
      inDeno('client error (Connect): invalid peer certificate: certificate not valid for name "localhost"'),
      'another host',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['no TLS, Bun', failed('EPROTO: The TLS handshake failed. Does the server speak TLS?', { code: 'EPROTO' }), 'TLS', 'EPROTO'],
    ['no TLS, Deno', inDeno('client error (Connect): received corrupt message of type InvalidContentType'), 'TLS', 'EPROTO'],
    [
      'a client certificate that is asked for, Node',
      fetchFailed(failed('', { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' })),
      'TLS',
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    ],
    ['a client certificate that is asked for, Deno', fetchFailed(new Error('received fatal alert: CertificateRequired')), 'TLS', 'EPROTO'],
    [
      'a tunnel that is refused, undici',
      fetchFailed(
        new DOMException('Request was cancelled.', { cause: failed('Proxy response (407) !== 200 when HTTP Tunneling') } as never), // a newer form of its constructor
      ),
      'tunnel',
      'ERR_PROXY_TUNNEL',
    ],
    ['a tunnel that is refused, Node', fetchFailed(failed('', { code: 'ERR_PROXY_TUNNEL' })), 'tunnel', 'ERR_PROXY_TUNNEL'],
    [
      'a proxy that hangs up before it opens the tunnel, undici',
      fetchFailed(
        failed('Proxy Connection failed', { code: 'UND_ERR_PRX_CONN', cause: failed('other side closed', { code: 'UND_ERR_SOCKET' }) }),
      ),
      'tunnel',
      'UND_ERR_PRX_CONN',
    ],
    ['a tunnel that is refused, Deno', inDeno('client error (Connect): proxy authentication required'), 'tunnel', 'ERR_PROXY_TUNNEL'],
  ])('%s', (_, error, problem, code) => {
    const failure = transportFailureOf(error);
    expect(failure.unsent?.problem).toContain(problem);
    expect(failure.unsent?.advice).toMatch(/\.$/);
    expect(failure.code).toBe(code);
  });
});

describe('whether it was sent is unclear', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a reset, Node', fetchFailed(failed('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })), 'ECONNRESET'],
    ['an established connection that dies', fetchFailed(failed('', { code: 'ETIMEDOUT', syscall: 'read' })), 'ETIMEDOUT'],
    ['a host that goes away', fetchFailed(failed('', { code: 'EHOSTUNREACH', syscall: 'write' })), 'EHOSTUNREACH'],
    ['the other side closed, undici', fetchFailed(failed('other side closed', { code: 'UND_ERR_SOCKET' })), 'UND_ERR_SOCKET'],
    ['closed, Deno', inDeno('client error (SendRequest): connection closed before message completed'), undefined],
    ['closed, Bun', failed('ECONNRESET: The socket connection was closed unexpectedly.', { code: 'ECONNRESET', errno: 0 }), 'ECONNRESET'],
    ['anything, workerd', failed('Network connection lost.', { remote: true, retryable: true }), undefined],
    ['anything, browsers', new TypeError('Failed to fetch'), undefined],
    [
      'one of several attempts that got further',
      new AggregateError([failed('', { code: 'ECONNREFUSED', syscall: 'connect' }), failed('', { code: 'ECONNRESET', syscall: 'read' })]),
      'ECONNRESET',
    ],
    ['no error at all', 'hunter2', undefined],
    ['nothing', undefined, undefined],
  ])('%s', (_, error, code) => {
    expect(transportFailureOf(error)).toEqual({ code, unsent: undefined });
  });

  it('after an error that leads to itself', () => {
    const error = failed('round');
    error.cause = error;
    expect(transportFailureOf(error)).toEqual({ code: undefined, unsent: undefined });
  });
});

it.each([
  ['text', 'E hunter2'],
  ['a secret in capitals', 'HUNTER2'],
  ['what is longer than any code', `E${'X'.repeat(80)}`],
  ['a number', 17],
])('a code that is %s is not quoted', (_, code) => {
  expect(transportFailureOf(failed('down', { code }))).toEqual({ code: undefined, unsent: undefined });
});
