import type { AuthError, CallOptions, Clock, Connect, Connected, ConnectRequest, ConnectSession } from '@auth/core';
import {
  asOperation,
  type CallbackParameters,
  type ConnectStates,
  callbackArgument,
  checkedRedirectUri,
  type Meaning,
  objectArgument,
  pageFailure,
  readCallback,
} from '@auth/core/kit';
import { oneId, oneUserId } from './api/ids.ts';
import type { BudgeaApi } from './api/operations.ts';
import type { UserAuthorities } from './as-user.ts';
import type { BudgeaCodes } from './codes.ts';
import { fail } from './errors.ts';
import type { WebviewLanguage, WebviewParameters } from './webview.ts';

/** The options of the Webview's pages. */
type PageOptions = Omit<WebviewParameters, 'flow' | 'redirectUri' | 'code' | 'state' | 'connectionId'>;

/** A page on which a user connects a bank, and what the user finds there. */
export interface WebviewRequest extends ConnectRequest, PageOptions {
  /** The vendor's Webview, in which the user chooses the bank. The default. */
  readonly via?: 'webview' | undefined;
}

/** The bank's own page directly, without the Webview: for connectors whose `auth_mechanism` is `webauth`. */
export interface WebauthRequest extends ConnectRequest {
  readonly via: 'webauth';
  /** The bank, by its id in your domain. Pass exactly one of `connectorId`, `connectorUuid` and `connectionId`. */
  readonly connectorId?: string | undefined;
  /** The bank, by its id in all domains. */
  readonly connectorUuid?: string | undefined;
  /** Lower-case letters: `openapi`, `directaccess`, `fallback`. */
  readonly source?: string | undefined;
  /** Values for the connector's own fields on this page. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** The pages on which a user connects a bank. */
export interface BudgeaConnect extends Connect {
  /**
   * A page to connect a bank, or to repair `connectionId`. Costs one call as the user, for the code that opens the page: open it within
   * 30 minutes. The session lasts an hour. Its `url` contains the code: give it to this user's browser only, and never log it.
   *
   * @example
   * ```ts
   * const session = await provider.connect.start({ userId, redirectUri: 'https://app.example/callback', language: 'fr' });
   * ```
   * @see https://docs.powens.com/api-reference/overview/webview
   */
  readonly start: (request: WebviewRequest | WebauthRequest, options?: CallOptions) => Promise<ConnectSession>;
  /**
   * The same for somebody who is not a user yet: the vendor makes the user behind the page, and `complete` returns the id. Sends nothing.
   * The session's `userId` is empty.
   */
  readonly startAnonymous: (request: Omit<WebviewRequest, 'userId' | 'connectionId'>, options?: CallOptions) => Promise<ConnectSession>;
  /** A page to manage all connections, or the one of `connectionId`. Costs what `start` costs. */
  readonly manage: (
    request: ConnectRequest & { readonly language?: WebviewLanguage | undefined },
    options?: CallOptions,
  ) => Promise<ConnectSession>;
  /**
   * Checks `state` first, once and in constant time, on error callbacks too; a wrong `state` is `state_mismatch`. Rejects with
   * `consent_denied` when the user refused, and with `unavailable` when the vendor or the bank failed. For a session with a user that is
   * all: a `code` in its callback is never exchanged, because it would be somebody else's. For a session without a user the code is
   * exchanged once, the vendor is asked whose token it is, and the token is stored. After `outcome_unknown` the code may be spent: start
   * again.
   *
   * `connectionIds` come from the browser, and nobody has checked that they are this user's: ask `connections.get`.
   */
  readonly complete: (callbackUrl: string, session: ConnectSession, options?: CallOptions) => Promise<Connected>;
}

/** What the capability works with. */
export interface ConnectOptions {
  readonly api: BudgeaApi;
  readonly authorities: UserAuthorities;
  readonly codes: BudgeaCodes;
  readonly states: ConnectStates;
  readonly webview: (parameters: WebviewParameters) => URL;
  readonly clock: Clock;
}

/** The lifetime of a session, in milliseconds. A callback that comes later is refused. */
const SESSION = 60 * 60_000;

/** The capability, over the vendor's pages. */
export const createConnect = ({ api, authorities, codes, states, webview, clock }: ConnectOptions): BudgeaConnect => {
  const sessionOf = (url: (state: string) => URL, userId: string, redirectUri: string): ConnectSession => {
    const state = states.create();
    return { url: url(state).href, state, userId, redirectUri, expiresAt: clock.now() + SESSION };
  };

  /** A code to open one page with. */
  const codeOf = (
    userId: string,
    type: 'singleAccess' | 'requestAccess',
    signal: AbortSignal | undefined,
    operation = 'connect.start',
  ): Promise<string> =>
    asOperation(operation, async () => (await api.createCode({ type }, { as: authorities.asUser(userId), signal })).code);

  const viaWebauth = async (request: WebauthRequest, signal: AbortSignal | undefined): Promise<ConnectSession> => {
    const { userId, redirectUri, connectionId, connectorId, connectorUuid, source, values } = request;
    checkIds([connectorId], 'connector', 'connect.start');
    if ([connectionId, connectorId, connectorUuid].filter((given) => given !== undefined).length !== 1)
      throw fail(
        'invalid_request',
        'connect.start',
        'A webauth page takes exactly one of connectorId, connectorUuid and connectionId. Nothing was sent. Pass one of them.',
      );
    const token = await codeOf(userId, 'requestAccess', signal);
    const bank = { idConnection: connectionId, idConnector: connectorId, connectorUuid, source, values };
    return sessionOf((state) => api.webauthUrl({ redirectUri, state, token, ...bank }), userId, redirectUri);
  };

  return {
    start: async (request, { signal } = {}) => {
      const { userId: given } = objectArgument(request, 'connect.start({ userId, redirectUri })', fail);
      const userId = oneUserId(given, 'connect.start');
      const redirectUri = ownRedirectUri(request, 'connect.start');
      const { connectionId } = request;
      checkIds([connectionId], 'connection', 'connect.start');
      if (request.via === 'webauth') return viaWebauth(request, signal);
      checkPage(request, 'connect.start');
      const flow = connectionId === undefined ? 'connect' : 'reconnect';
      const code = await codeOf(userId, 'singleAccess', signal);
      return sessionOf((state) => webview({ ...request, flow, code, state }), userId, redirectUri);
    },
    startAnonymous: async (given) => {
      const request = objectArgument(given, 'connect.startAnonymous({ redirectUri })', fail);
      const redirectUri = ownRedirectUri(request, 'connect.startAnonymous');
      checkPage(request, 'connect.startAnonymous');
      // An untyped request could bring a code or a connection. They belong to a user, and this page belongs to nobody yet.
      const nobody = { code: undefined, connectionId: undefined };
      return sessionOf((state) => webview({ ...request, ...nobody, flow: 'connect', state }), '', redirectUri);
    },
    manage: async (given, { signal } = {}) => {
      const request = objectArgument(given, 'connect.manage({ userId, redirectUri })', fail);
      const userId = oneUserId(request.userId, 'connect.manage');
      const redirectUri = ownRedirectUri(request, 'connect.manage');
      checkIds([request.connectionId], 'connection', 'connect.manage');
      checkPage(request, 'connect.manage');
      const code = await codeOf(userId, 'singleAccess', signal, 'connect.manage');
      return sessionOf((state) => webview({ ...request, flow: 'manage', code, state }), userId, redirectUri);
    },
    complete: async (callbackUrl, session, options) => {
      // An untyped session store returns nothing for a browser that never started a session.
      const { userId, redirectUri, ...given } = session ?? NO_SESSION;
      const callback = readCallback(callbackArgument(callbackUrl, OPERATION, fail));
      await states.spend(callback, given, OPERATION);
      const [error] = callback.values('error');
      if (error !== undefined) throw failure(error, session);
      const connectionIds = connectionIdsOf(callback);
      if (userId !== '') return { userId: oneUserId(userId, OPERATION), connectionIds };
      const owner = await asOperation(OPERATION, () => codes.exchange(codeIn(callback), { ...options, redirectUri }));
      return { userId: owner.userId, connectionIds };
    },
  };
};

const OPERATION = 'connect.complete';
const NO_SESSION: ConnectSession = { url: '', state: '', userId: '', redirectUri: '', expiresAt: 0 };

/** The list in the console decides, and it takes the private schemes of apps too. */
const ownRedirectUri = ({ redirectUri }: { readonly redirectUri: string }, operation: string): string =>
  checkedRedirectUri(redirectUri, { provider: 'budgea', operation, privateSchemes: true });

/** The language is in the path. Anything else there could lead to somebody else's page, and the URL carries a code of the user. */
const checkPage = ({ language = 'en', connectorIds = [] }: Pick<PageOptions, 'language' | 'connectorIds'>, operation: string): void => {
  if (!/^[a-z]{2}$/.test(language))
    throw fail('invalid_request', operation, 'language must be two lower-case letters, like en or fr. Nothing was sent.');
  checkIds(connectorIds, 'connector', operation);
};

const checkIds = (ids: readonly (string | undefined)[], what: string, operation: string): void => {
  for (const id of ids) if (id !== undefined) oneId(what)(id, operation);
};

/** The pages spell the parameter in three ways, repeat it, and leave it empty. */
const connectionIdsOf = (callback: CallbackParameters): readonly string[] => {
  const ids = ['connection_id', 'id_connection', 'connection_ids']
    .flatMap((name) => callback.values(name))
    .flatMap((value) => value.split(','));
  if (!ids.every((id) => /^[1-9]\d*$/.test(id)))
    throw fail(
      'invalid_response',
      OPERATION,
      'The callback has a connection id that does not consist of digits. Nothing in it was used. Start again.',
    );
  return [...new Set(ids)];
};

const codeIn = (callback: CallbackParameters): string => {
  const [code, ...others] = new Set(callback.values('code'));
  if (code === undefined || others.length > 0)
    throw fail(
      'invalid_response',
      OPERATION,
      `The callback has ${code === undefined ? 'no code' : 'several codes'}. Nothing was exchanged. Start again.`,
    );
  return code;
};

/** What the pages say when nothing was connected. */
const FAILURES: Readonly<Record<string, Meaning>> = {
  access_denied: ['consent_denied', 'The user left the page without connecting a bank. Offer to start again.'],
  tos_declined: ['consent_denied', 'The user declined the terms of use. Offer to start again.'],
  session_expired: ['timeout', 'The user took too long, and the page expired. Start again.'],
  server_error: ['unavailable', 'Budgea failed while the user was connecting a bank. Try again later.'],
  wrongpass: ['reconnect_required', 'The bank refused the login. Ask the user to connect again.'],
  actionNeeded: ['reconnect_required', 'The bank needs something from the user. Ask the user to connect again.'],
  invalidValue: ['conflict', 'The connection needs no repair. Use it as it is.'],
};
const OTHERWISE: Meaning = ['unavailable', 'Nothing was connected, for a reason that Budgea does not document. Offer to start again.'];

const failure = (error: string, sent: unknown): AuthError =>
  pageFailure([error], { sent, fail, operation: OPERATION, known: FAILURES, otherwise: OTHERWISE, wordsLike: /^[A-Za-z_]{1,40}$/ });
