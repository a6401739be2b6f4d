import type { ClientApplication, ClientApplications } from './client-applications.ts';
import type { Refusals } from './errors.ts';

/** What decides where browsers may be sent back to. */
export interface RedirectPolicy {
  readonly clients: Pick<ClientApplications, 'find'>;
  /** Whether every http(s) URL of this machine is allowed beside what a client lists. */
  readonly allowsLoopback: boolean;
  readonly refuse: Refusals;
}

/** The client application that a page is opened for. */
export const clientOf = (clientId: string | undefined, { clients, refuse }: RedirectPolicy): ClientApplication => {
  if (clientId === undefined || clientId === '') throw refuse.missingParameter('client_id');
  const found = clients.find(Number(clientId));
  if (found?.clientId !== clientId) throw refuse.badClient();
  return found;
};

/** A redirect URI that this client may use; URIs are compared as texts. */
export const redirectUriOf = (uri: string | undefined, client: ClientApplication, { allowsLoopback, refuse }: RedirectPolicy): string => {
  if (uri === undefined || uri === '') throw refuse.missingParameter('redirect_uri');
  const isAllowed = URL.canParse(uri) && (client.redirectUris.includes(uri) || (allowsLoopback && isOnLoopback(uri)));
  if (!isAllowed) throw refuse.badRedirectUri();
  return uri;
};

/** The redirect URI with parameters added; those that are `undefined` are left out. Spaces become `%20`, which every decoder knows. */
export const callback = (redirectUri: string, parameters: Readonly<Record<string, string | undefined>>): string => {
  const added = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  const url = new URL(redirectUri);
  url.search = [url.search, ...added].filter((part) => part !== '').join('&');
  return url.href;
};

/** What a URL parser would put right first is refused: a console, which compares texts, would not list it. */
const isOnLoopback = (uri: string): boolean => {
  if (!/^https?:\/\/[^\s\\#]+$/i.test(uri)) return false;
  const { hostname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return false;
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
};
