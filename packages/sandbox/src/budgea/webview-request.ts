import type { Context } from 'hono';
import type { BudgeaAccount } from './connection-state.ts';
import type { Connector, Connectors } from './connectors.ts';
import type { Refusals } from './errors.ts';
import { clientOf, type RedirectPolicy, redirectUriOf } from './redirect-uris.ts';

/** The languages of the Webview. Assumption: here they all read English. */
export const LANGUAGES = ['en', 'fr', 'de', 'nl', 'pt', 'it', 'es'] as const;

const FLOWS = ['connect', 'reconnect', 'manage'] as const;

/** What a Webview was opened for. */
export interface WebviewRequest {
  readonly flow: (typeof FLOWS)[number];
  /** Listed by the client; `manage` does without. */
  readonly redirectUri: string | undefined;
  readonly state: string | undefined;
  /** Of the user; `connect` makes a user of its own without. */
  readonly code: string | undefined;
  readonly connectionId: number | undefined;
  /** Which banks can be chosen. */
  readonly connectors: readonly Connector[];
  readonly maxConnections: number;
  /** Whether the application asked for accounts like this one. */
  readonly wants: (account: BudgeaAccount) => boolean;
  /** Decides in the user's place, for tests. Not the vendor's. */
  readonly auto: 'approve' | 'deny' | undefined;
}

/** What requests are checked against. */
export interface WebviewRequestOptions extends RedirectPolicy {
  /** The name before `.biapi.pro`. */
  readonly domain: string;
  readonly requiresDomain: boolean;
  readonly connectors: Connectors;
}

/** Reads and checks path and query. What is checked here is safe to redirect to. */
export const webviewRequest = (c: Context, options: WebviewRequestOptions): WebviewRequest => {
  const { req } = c;
  const { refuse } = options;
  const query = (name: string): string | undefined => req.query(name) || undefined;
  const flow = flowOf(req.param('lang'), req.param('flow'), refuse);
  checkDomain(query('domain'), options);
  const client = clientOf(query('client_id'), options);
  const uri = query('redirect_uri');
  const redirectUri = flow === 'manage' && uri === undefined ? undefined : redirectUriOf(uri, client, options);
  const code = query('code');
  if (flow !== 'connect' && code === undefined) throw refuse.missingParameter('code');
  const connectionId = number(query('connection_id'), 'connection_id', refuse);
  if (flow === 'reconnect' && connectionId === undefined) throw refuse.missingParameter('connection_id');
  const maxConnections = number(query('max_connections'), 'max_connections', refuse) ?? 1;
  const auto = autoOf(c, refuse);
  checkFlag(query('reset_credentials'), refuse);
  // An empty `state` goes back as it came.
  const state = req.query('state');
  return {
    ...{ flow, redirectUri, state, code, connectionId, maxConnections, auto },
    connectors: connectorsFor(query, options.connectors),
    wants: wish(query),
  };
};

/** What a test wants the user to decide, without any page. A HEAD request, which comes here too, must not decide anything. */
export const autoOf = ({ req }: Context, refuse: Refusals): 'approve' | 'deny' | undefined => {
  const auto = req.query('auto') ?? '';
  if (!['', 'approve', 'deny'].includes(auto)) throw refuse.invalidValue('auto');
  if (auto === '' || req.raw.method === 'HEAD') return undefined;
  return auto === 'approve' ? 'approve' : 'deny';
};

const flowOf = (language: string | undefined, flow: string | undefined, refuse: Refusals): WebviewRequest['flow'] => {
  const known = FLOWS.find((name) => name === flow);
  if (known === undefined || !LANGUAGES.some((name) => name === language)) throw refuse.notFound();
  return known;
};

/** Sources differ: the name alone is seen as well as the host. */
const checkDomain = (given: string | undefined, { domain, requiresDomain, refuse }: WebviewRequestOptions): void => {
  if (given === undefined) {
    if (requiresDomain) throw refuse.missingParameter('domain');
  } else if (given !== domain && given !== `${domain}.biapi.pro`) throw refuse.invalidValue('domain');
};

const number = (text: string | undefined, name: string, refuse: Refusals): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw refuse.invalidValue(name);
  return Number(text);
};

const checkFlag = (text: string | undefined, refuse: Refusals): void => {
  if (text !== undefined && text !== 'true' && text !== 'false') throw refuse.invalidValue('reset_credentials');
};

type Query = (name: string) => string | undefined;

const list = (query: Query, name: string): readonly string[] | undefined => query(name)?.split(',');

/** Both banks of the sandbox are banks, in France. */
const connectorsFor = (query: Query, connectors: Connectors): readonly Connector[] => {
  const ids = list(query, 'connector_ids');
  const uuids = list(query, 'connector_uuids');
  const isAnyBank = (list(query, 'connector_capabilities') ?? ['bank']).every((capability) => capability === 'bank');
  const isFrench = list(query, 'connector_country')?.some((country) => country.toLowerCase() === 'fr') ?? true;
  if (!isAnyBank || !isFrench) return [];
  const isAny = ids === undefined && uuids === undefined;
  return connectors
    .list()
    .filter(({ hidden }) => !hidden)
    .filter(({ id, uuid }) => isAny || ids?.includes(String(id)) || uuids?.includes(uuid));
};

const wish = (query: Query): WebviewRequest['wants'] => {
  const [types, ibans, usages] = ['account_types', 'account_ibans', 'account_usages'].map((name) => list(query, name));
  return ({ type, iban, usage }) => (types?.includes(type) ?? true) && (ibans?.includes(iban) ?? true) && (usages?.includes(usage) ?? true);
};
