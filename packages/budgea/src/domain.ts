const HOST = '.biapi.pro';

/** The bare name of a domain that was given as a name, a host or a URL; `undefined` if it is none of them. */
export const domainOf = (given: string): string | undefined => {
  const isUrl = URL.canParse(given);
  const host = isUrl ? new URL(given).host : given.trim().toLowerCase();
  const isHost = host.endsWith(HOST);
  // The URL of another host is not a name, however short: `https://localhost`.
  if (isUrl && !isHost) return undefined;
  const name = isHost ? host.slice(0, -HOST.length) : host;
  return /^[a-z\d]+(-[a-z\d]+)*$/.test(name) ? name : undefined;
};

/** The base URL of a domain's API, in its only version. */
export const baseUrlOf = (domain: string): string => `https://${hostOf(domain)}/2.0/`;

/** A domain's host, which also names the domain to the Webview. */
export const hostOf = (domain: string): string => `${domainOf(domain)}${HOST}`;

/** What a value that is not a domain seems to be, to end the sentence "must be your domain …". Quotes nothing: it could be a secret. */
export const domainHint = (given: unknown): string => {
  if (typeof given !== 'string') return 'this is not a string';
  const text = given.trim();
  if (text === '') return 'this is empty';
  if (/^https?:\/\//i.test(text)) return urlHint(text);
  if (/\s/.test(text)) return 'this contains a space or a line break';
  if (text.includes('/')) return 'this has a path: leave it out, or give the URL with https://';
  if (text.includes(':')) return 'this has a port or another scheme: leave it out';
  if (text.includes('@')) return 'this looks like an email address';
  if (text.toLowerCase().endsWith(HOST)) return nameHint(text.slice(0, -HOST.length));
  if (text.includes('.'))
    return 'this is a host outside biapi.pro: for a proxy or a sandbox, set baseUrl (BUDGEA_BASE_URL) as well as your domain';
  return nameHint(text);
};

const urlHint = (text: string): string => {
  if (!URL.canParse(text)) return 'this is not a valid URL';
  const { hostname, port, pathname } = new URL(text);
  if (!hostname.endsWith(HOST))
    return `this is the URL of ${isLocal(hostname) ? 'a sandbox or proxy on this machine' : 'another host'}: set it as baseUrl (BUDGEA_BASE_URL), and name your domain here`;
  if (port !== '') return 'this has a port: leave it out, or set baseUrl (BUDGEA_BASE_URL)';
  return pathname === '/' ? nameHint(hostname.slice(0, -HOST.length)) : 'the part before .biapi.pro is not a valid name';
};

const isLocal = (hostname: string): boolean => hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');

const nameHint = (name: string): string => {
  if (name.includes('.')) return 'this has a subdomain: only one name comes before .biapi.pro';
  if (/^-|-$|--/.test(name)) return 'a hyphen has to be between letters or digits';
  return 'a name consists of letters from a to z, digits and single hyphens';
};
