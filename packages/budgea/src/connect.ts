import type { AuthErrorCode, CallOptions, Clock, Connect, Connected, ConnectRequest, ConnectSession } from '@auth/core';
import { AuthError } from '@auth/core';
import { asOperation, type CallbackParameters, type ConnectStates, checkedRedirectUri, readCallback } from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';
import type { UserAuthorities } from './as-user.ts';
import type { BudgeaCodes } from './codes.ts';
import { checkedId } from './path.ts';
import { oneUserId } from './user-id.ts';
import type { WebviewLanguage, WebviewParameters } from './webview.ts';

/** What all pages can be opened with. */
type PageOptions = Omit<WebviewParameters, 'flow' | 'redirectUri' | 'code' | 'state' | 'connectionId'>;

/** A page on which a user connects a bank, and what the user finds there. */
export interface WebviewRequest extends ConnectRequest, PageOptions {
  /** The vendor's Webview, in which the user chooses the bank. The default. */
  readonly via?: 'webview' | undefined;
}

/** The bank's own page at once, without the Webview: for connectors whose `auth_mechanism` is `webauth`. */
export interface WebauthRequest extends ConnectRequest {
  readonly via: 'webauth';
  /** The bank, by the id that it has in your domain. One of these two, or `connectionId`. */
  readonly connectorId?: string | undefined;
  /** The bank, by the id that it has everywhere. */
  readonly connectorUuid?: string | undefined;
  /** Lower-case letters: `openapi`, `directaccess`, `fallback`. */
  readonly source?: string | undefined;
  /** Values of the connector's own fields for this page. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** Connections of Budgea. */
export interface BudgeaConnect extends Connect {
  /**
   * A page to connect a bank, or to repair `connectionId`. Costs one call as the user, for a code that the page opens with: open it within
   * 30 minutes. The session lasts an hour. Its `url` contains the code: hand it to this user's browser only, and log it nowhere.
   *
   * @example
   * ```ts
   * const session = await provider.connect.start({ userId, redirectUri: 'https://app.example/callback', language: 'fr' });
   * ```
   * @see https://docs.powens.com/api-reference/overview/webview
   */
  readonly start: (request: WebviewRequest | WebauthRequest, options?: CallOptions) => Promise<ConnectSession>;
  /**
   * The same for somebody who is no user yet: the vendor makes one behind the page, and `complete` tells its id. Sends nothing.
   * The session's `userId` is empty.
   */
  readonly startAnonymous: (request: Omit<WebviewRequest, 'userId' | 'connectionId'>, options?: CallOptions) => Promise<ConnectSession>;
  /** A page to look after all connections, or one. Costs what `start` costs. */
  readonly manage: (
    request: ConnectRequest & { readonly language?: WebviewLanguage | undefined },
    options?: CallOptions,
  ) => Promise<ConnectSession>;
  /**
   * Checks `state` first, once and in constant time, on error callbacks too: `state_mismatch`. Rejects with `consent_denied` when the user
   * refused, with `unavailable` when the vendor or the bank failed. Then a session with a user is done: a `code` in its callback is never
   * exchanged, as it would be somebody else's. Without one the code is exchanged once, the vendor is asked whose the token is, and it is
   * stored. `outcome_unknown`: the code may be spent; start again.
   *
   * `connectionIds` are what the browser brought. Nobody has been asked whether they are this user's: `connections.get` tells.
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
  readonly clientId: string;
  readonly clock: Clock;
}

/** Milliseconds from the start of a session to the latest callback. */
const SESSION = 60 * 60_000;

/** The capability, over the vendor's pages. */
export const createConnect = ({ api, authorities, codes, states, webview, clientId, clock }: ConnectOptions): BudgeaConnect => {
  const sessionOf = (url: (state: string) => URL, userId: string, redirectUri: string): ConnectSession => {
    const state = states.create();
    return { url: url(state).href, state, userId, redirectUri, expiresAt: clock.now() + SESSION };
  };

  /** Good for opening one page, whatever becomes of it. */
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
      throw refused('connect.start', 'A webauth page needs one of connectorId, connectorUuid and connectionId. Nothing was sent.');
    const token = await codeOf(userId, 'requestAccess', signal);
    const bank = { idConnection: connectionId, idConnector: connectorId, connectorUuid, source, values };
    return sessionOf((state) => api.webauthUrl({ clientId, redirectUri, state, token, ...bank }), userId, redirectUri);
  };

  return {
    start: async (request, { signal } = {}) => {
      const userId = oneUserId(request.userId, 'connect.start');
      const redirectUri = ownRedirectUri(request, 'connect.start');
      const { connectionId } = request;
      checkIds([connectionId], 'connection', 'connect.start');
      if (request.via === 'webauth') return viaWebauth(request, signal);
      checkPage(request, 'connect.start');
      const flow = connectionId === undefined ? 'connect' : 'reconnect';
      const code = await codeOf(userId, 'singleAccess', signal);
      return sessionOf((state) => webview({ ...request, flow, code, state }), userId, redirectUri);
    },
    startAnonymous: async (request) => {
      const redirectUri = ownRedirectUri(request, 'connect.startAnonymous');
      checkPage(request, 'connect.startAnonymous');
      // A code or a connection that came along in an untyped request is somebody's, and this page is nobody's.
      const nobody = { code: undefined, connectionId: undefined };
      return sessionOf((state) => webview({ ...request, ...nobody, flow: 'connect', state }), '', redirectUri);
    },
    manage: async (request, { signal } = {}) => {
      const userId = oneUserId(request.userId, 'connect.manage');
      const redirectUri = ownRedirectUri(request, 'connect.manage');
      checkIds([request.connectionId], 'connection', 'connect.manage');
      checkPage(request, 'connect.manage');
      const code = await codeOf(userId, 'singleAccess', signal, 'connect.manage');
      return sessionOf((state) => webview({ ...request, flow: 'manage', code, state }), userId, redirectUri);
    },
    complete: async (callbackUrl, session, options) => {
      // Untyped stores of sessions answer nothing for a browser that never started one.
      const { userId, redirectUri, ...given } = session ?? NO_SESSION;
      const callback = readCallback(callbackUrl);
      await states.spend(callback, given, OPERATION);
      const [error] = callback.values('error');
      if (error !== undefined) throw failure(error);
      const connectionIds = connectionIdsOf(callback);
      if (userId !== '') return { userId: oneUserId(userId, OPERATION), connectionIds };
      const owner = await asOperation(OPERATION, () => codes.exchange(codeIn(callback), { ...options, redirectUri }));
      return { userId: owner.userId, connectionIds };
    },
  };
};

const OPERATION = 'connect.complete';
const NO_SESSION: ConnectSession = { url: '', state: '', userId: '', redirectUri: '', expiresAt: 0 };

/** The list in the console decides; schemes of apps are welcome there. */
const ownRedirectUri = ({ redirectUri }: { readonly redirectUri: string }, operation: string): string =>
  checkedRedirectUri(redirectUri, { provider: 'budgea', operation, privateSchemes: true });

/** The language is in the path: anything else there could make the page, which is opened with a code of the user, somebody else's. */
const checkPage = ({ language = 'en', connectorIds = [] }: Pick<PageOptions, 'language' | 'connectorIds'>, operation: string): void => {
  if (!/^[a-z]{2}$/.test(language)) throw refused(operation, 'A language has two letters, like en or fr. Nothing was sent.');
  checkIds(connectorIds, 'connector', operation);
};

const checkIds = (ids: readonly (string | undefined)[], what: string, operation: string): void => {
  for (const id of ids) if (id !== undefined) checkedId(id, what, operation);
};

/** The pages spell it in three ways, repeat it, and leave it empty. */
const connectionIdsOf = (callback: CallbackParameters): readonly string[] => {
  const ids = ['connection_id', 'id_connection', 'connection_ids']
    .flatMap((name) => callback.values(name))
    .flatMap((value) => value.split(','));
  if (!ids.every((id) => /^[1-9]\d*$/.test(id)))
    throw fail('invalid_response', 'The callback names a connection by something else than digits. Nothing was used of it. Start again.');
  return [...new Set(ids)];
};

const codeIn = (callback: CallbackParameters): string => {
  const [code, ...others] = new Set(callback.values('code'));
  if (code === undefined || others.length > 0)
    throw fail(
      'invalid_response',
      `The callback has ${code === undefined ? 'no code' : 'several codes'}. Nothing was exchanged. Start again.`,
    );
  return code;
};

/** What the pages say when nothing was connected. */
const FAILURES: Readonly<Record<string, readonly [AuthErrorCode, string]>> = {
  access_denied: ['consent_denied', 'The user left the page without connecting a bank. Offer to start again.'],
  tos_declined: ['consent_denied', 'The user declined the terms of use. Offer to start again.'],
  session_expired: ['timeout', 'The user took too long, and the page ended. Start again.'],
  server_error: ['unavailable', 'Budgea failed while the user was connecting a bank. Try again later.'],
  wrongpass: ['reconnect_required', 'The bank refused the login. The user has to connect again.'],
  actionNeeded: ['reconnect_required', 'The bank asks the user for something. The user has to connect again.'],
  invalidValue: ['conflict', 'The connection needs no repair.'],
};

const failure = (error: string): AuthError => {
  const [code, message] = (Object.hasOwn(FAILURES, error) ? FAILURES[error] : undefined) ?? [
    'unavailable',
    'Nothing was connected, for a reason that Budgea does not document. Offer to start again.',
  ];
  // Whoever made the callback could write anything there.
  return fail(code, message, /^[A-Za-z_]{1,40}$/.test(error) ? error : undefined);
};

const refused = (operation: string, message: string): AuthError =>
  new AuthError(message, { code: 'invalid_request', provider: 'budgea', operation });

const fail = (code: AuthErrorCode, message: string, vendorCode?: string): AuthError =>
  new AuthError(message, { code, provider: 'budgea', operation: OPERATION, vendorCode });
