/** Why a transport rejected, as far as its error tells. Quotes nothing of the error but its code. */
export interface TransportFailure {
  /** The system's code: `ECONNREFUSED`. */
  readonly code: string | undefined;
  /** Where the connection was never made, so that nothing was sent. */
  readonly unsent: Unsent | undefined;
}

/** What stopped the request before it was sent. */
export interface Unsent {
  /** Ends a sentence about the host. */
  readonly problem: string;
  /** What to do. */
  readonly advice: string;
}

/**
 * Judges by the phase that failed: a request leaves only after DNS, connecting, the TLS handshake and a proxy's CONNECT. What could be either
 * side of that counts as sent. workerd tells none of them apart, and no runtime a connection that is reset in the handshake.
 */
export const transportFailureOf = (error: unknown): TransportFailure => {
  let code: string | undefined;
  for (const trace of readableTracesOf(error)) {
    const found = PHASES.find((phase) => isIn(phase, trace));
    if (found) return { code: found.code ?? codeOf(trace), unsent: found };
    code ??= codeOf(trace);
  }
  return { code, unsent: undefined };
};

/** What is read of an error, of one that it was caused by, or of one of several. */
interface Trace {
  readonly code: string;
  readonly message: string;
  /** What the system was asked for: `connect`. */
  readonly syscall: string;
}

interface Phase extends Unsent {
  /** Which codes tell it. */
  readonly codes?: RegExp;
  /** What the system was asked for then, whatever came of it. */
  readonly syscalls?: RegExp;
  /** Which messages do, where a runtime gives no code, or one that says less. */
  readonly messages?: RegExp;
  /** The code that other runtimes give, where the message decides. */
  readonly code?: string;
}

const DNS = { problem: 'no such host was found', advice: 'Check the base URL, and DNS on this machine.' };
const CONNECT = { problem: 'no connection could be made', advice: 'Check the base URL, the network and its firewall.' };
const TLS = {
  problem: 'the TLS handshake failed',
  advice: 'Check scheme and port of the base URL, and whether a client certificate is asked for.',
};
const PROXY = {
  problem: 'the proxy opened no tunnel',
  advice: 'Check address and credentials of the proxy, and whether it lets this host pass.',
};
const UNTRUSTED = {
  problem: 'its certificate is not trusted',
  advice:
    'If it comes from a private CA, or from a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS (Deno: DENO_CERT) to the file with the certificate of that CA.',
};
const EXPIRED = { problem: 'its certificate has expired, or is not valid yet', advice: 'Check the clock of this machine.' };
const MISNAMED = { problem: 'its certificate is for another host', advice: 'Check the base URL, and what stands between.' };
const BLOCKED = { problem: 'this runtime does not allow it', advice: 'Check the port of the base URL. Deno needs --allow-net.' };

/** Codes are those of Node, undici, OpenSSL and Bun; messages those of Deno (hyper, rustls), and of undici where its code says less. */
const PHASES: readonly Phase[] = [
  { ...PROXY, codes: /^(?:ERR_PROXY_TUNNEL|UND_ERR_PRX_\w+|UND_ERR_SOCKS5\w*)$/ },
  {
    ...PROXY,
    messages: /^Proxy response \(\d+\)|\(Connect\): (?:proxy authentication|.*tunnel)/,
    code: 'ERR_PROXY_TUNNEL',
  },
  { ...DNS, codes: /^(?:ENOTFOUND|EAI_\w+)$/, syscalls: /^(?:getaddrinfo|query)/ },
  { ...DNS, messages: /\(Connect\): dns error/, code: 'ENOTFOUND' },
  { ...EXPIRED, codes: /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/ },
  {
    ...EXPIRED,
    messages: /invalid peer certificate: (?:certificate (?:expired|not valid yet)|Expired|NotValidYet)/,
    code: 'CERT_HAS_EXPIRED',
  },
  { ...MISNAMED, codes: /^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/ },
  {
    ...MISNAMED,
    messages: /invalid peer certificate: (?:certificate not valid for name|NotValidForName)/,
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  },
  {
    ...UNTRUSTED,
    codes:
      /^(?:CERT_|CRL_|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_C|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$)/,
  },
  { ...UNTRUSTED, messages: /invalid peer certificate/, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  {
    ...TLS,
    codes:
      /^ERR_SSL_\S*(?:WRONG_VERSION|PROTOCOL_VERSION|UNSUPPORTED|HANDSHAKE_FAILURE|NO_SHARED|UNKNOWN_CA|CERTIFICATE|UNRECOGNIZED_NAME|INSUFFICIENT_SECURITY|NO_APPLICATION_PROTOCOL|TOO_SMALL)/,
  },
  {
    ...TLS,
    messages:
      /TLS handshake failed|wrong version number|alert handshake failure|\(Connect\): (?:received|tls)|received fatal alert: (?:HandshakeFailure|ProtocolVersion|UnknownCA|\w*Certificate\w*)/,
    code: 'EPROTO',
  },
  { ...TLS, messages: /disconnected before secure TLS connection/ },
  {
    ...CONNECT,
    codes:
      /^(?:ECONNREFUSED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/,
    syscalls: /^connect$/,
  },
  { ...CONNECT, messages: /\(Connect\): .*Connection refused/, code: 'ECONNREFUSED' },
  { ...CONNECT, messages: /client error \(Connect\)/ },
  { ...BLOCKED, codes: /^NotCapable$/ },
  { ...BLOCKED, messages: /^bad port$|Requests to port \d+ are blocked/ },
];

/** After the connection was made the same codes come from these. */
const LATER = /^(?:read|write|recv|send|shutdown)/;

const isIn = ({ codes, syscalls, messages }: Phase, { code, message, syscall }: Trace): boolean =>
  messages?.test(message) || syscalls?.test(syscall) || (!LATER.test(syscall) && codes?.test(code)) || false;

/** Codes are constants. What else stands there may be anything, even what was sent. */
const CODE = /^(?:E[A-Z\d]+|[A-Z\d]+(?:[_/][A-Z\d]+)+|ConnectionRefused|FailedToOpenSocket)$/;

const codeOf = ({ code }: Trace): string | undefined => (code.length <= 80 && CODE.test(code) ? code : undefined);

const DEEPEST = 5;

/** The error and its causes. Of several attempts to connect, one that got further counts alone. */
const tracesOf = (error: unknown, depth = 0, isAttempt = false): readonly Trace[] => {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return [];
  const { name, code, message, syscall, cause, errors }: Readonly<Record<string, unknown>> = Object(error);
  if (Array.isArray(errors) && errors.length > 0) {
    const attempts = errors.map((attempt) => tracesOf(attempt, depth + 1, true));
    return attempts.find((traces) => !traces.some((trace) => PHASES.some((phase) => isIn(phase, trace)))) ?? attempts.flat();
  }
  const trace: Trace = {
    code: textOf(code) || (name === 'NotCapable' ? name : ''),
    message: textOf(message),
    syscall: textOf(syscall) || (isAttempt && code === 'ETIMEDOUT' ? 'connect' : ''),
  };
  return [trace, ...tracesOf(cause, depth + 1, isAttempt)];
};

/** What a getter throws may hold a secret. */
const readableTracesOf = (error: unknown): readonly Trace[] => {
  try {
    return tracesOf(error);
  } catch {
    return [];
  }
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
