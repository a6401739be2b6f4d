import { pageQuery } from './api/page-query.ts';

/** The Webview's languages. */
export type WebviewLanguage = 'de' | 'en' | 'es' | 'fr' | 'it' | 'nl' | 'pt';

/** What the user does there: connect a bank, repair a connection, or manage all connections. */
export type WebviewFlow = 'connect' | 'reconnect' | 'manage';

/** The parameters of a Webview. Ids are text; lists are sent in the vendor's form. */
export interface WebviewParameters {
  readonly flow: WebviewFlow;
  /** Always sent, because the vendor's front end has failed without a language. Default `'en'`. */
  readonly language?: WebviewLanguage | undefined;
  /** On your list in the console. Required by the vendor, except for `manage`. */
  readonly redirectUri?: string | undefined;
  /** A code of the user; without one `connect` makes an anonymous user. */
  readonly code?: string | undefined;
  readonly state?: string | undefined;
  /** The connection to repair or to manage. */
  readonly connectionId?: string | undefined;
  readonly connectorIds?: readonly string[] | undefined;
  /** Stable between domains, unlike the ids. */
  readonly connectorUuids?: readonly string[] | undefined;
  /** Default at the vendor: `bank`. */
  readonly connectorCapabilities?: readonly string[] | undefined;
  /** ISO 3166 code. */
  readonly connectorCountry?: string | undefined;
  readonly accountIbans?: readonly string[] | undefined;
  readonly accountTypes?: readonly string[] | undefined;
  readonly accountUsages?: readonly string[] | undefined;
  /** Above 1, the callback names several connections. */
  readonly maxConnections?: number | undefined;
  /** For a reconnection: asks for the login again. */
  readonly resetCredentials?: boolean | undefined;
  readonly connectionSources?: readonly string[] | undefined;
  /** Fills fields of the bank's form in advance: `{ [connectorUuid]: { [field]: value } }`. */
  readonly prefilled?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
}

/** Where the Webview is, and for which client of which domain. */
export interface WebviewHost {
  /** Ends in a slash; the language follows. */
  readonly webviewUrl: string;
  /** The host of the domain: `demo.biapi.pro`. */
  readonly domain: string;
  readonly clientId: string;
}

/** The vendor's own Webview. */
const WEBVIEW_URL = 'https://webview.powens.com/';

/** The vendor's Webview, unless the API is somewhere else: a sandbox serves it below the API, as domains did before 2024. */
export const webviewUrlOf = (baseUrl: string): string =>
  new URL(baseUrl).hostname.endsWith('.biapi.pro') ? WEBVIEW_URL : `${baseUrl}auth/webview/`;

/** The page to send the browser to. The URL contains `code`: never log it. */
export const webviewUrl = ({ webviewUrl: base, domain, clientId }: WebviewHost, parameters: WebviewParameters): URL => {
  const { flow, language = 'en', prefilled = {} } = parameters;
  const url = new URL(`${language}/${flow}`, base);
  url.search = pageQuery({
    domain,
    client_id: clientId,
    redirect_uri: parameters.redirectUri,
    code: parameters.code,
    state: parameters.state,
    connection_id: parameters.connectionId,
    connector_ids: parameters.connectorIds,
    connector_uuids: parameters.connectorUuids,
    connector_capabilities: parameters.connectorCapabilities,
    connector_country: parameters.connectorCountry,
    account_ibans: parameters.accountIbans,
    account_types: parameters.accountTypes,
    account_usages: parameters.accountUsages,
    max_connections: parameters.maxConnections,
    reset_credentials: parameters.resetCredentials,
    connection_sources: parameters.connectionSources,
    ...fieldsOf(prefilled),
  });
  return url;
};

/** Each field under its bank. The dot keeps fields apart from parameters. */
const fieldsOf = (prefilled: Readonly<Record<string, Readonly<Record<string, string>>>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(prefilled).flatMap(([uuid, values]) => Object.entries(values).map(([field, value]) => [`${uuid}.${field}`, value])),
  );
