const HOST = '.biapi.pro';

/** The bare name of a domain that was given as a name, a host or a URL; `undefined` if it is none of them. */
export const domainOf = (given: string): string | undefined => {
  const isUrl = URL.canParse(given);
  const host = isUrl ? new URL(given).host : given.trim().toLowerCase();
  const isHost = host.endsWith(HOST);
  // A URL of another host is no name, however short: `https://localhost`.
  if (isUrl && !isHost) return undefined;
  const name = isHost ? host.slice(0, -HOST.length) : host;
  return /^[a-z\d]+(-[a-z\d]+)*$/.test(name) ? name : undefined;
};

/** Where a domain's API is, in its only version. */
export const baseUrlOf = (domain: string): string => `https://${domainOf(domain)}${HOST}/2.0/`;
