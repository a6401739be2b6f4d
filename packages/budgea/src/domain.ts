const HOST = '.biapi.pro';

/** The bare name of a domain that was given as a name, a host or a URL; `undefined` if it is none of them. */
export const domainOf = (given: string): string | undefined => {
  const host = URL.canParse(given) ? new URL(given).hostname : given.trim().toLowerCase();
  const name = host.endsWith(HOST) ? host.slice(0, -HOST.length) : host;
  return /^[a-z\d]+(-[a-z\d]+)*$/.test(name) ? name : undefined;
};

/** Where a domain's API is, in its only version. */
export const baseUrlOf = (domain: string): string => `https://${domainOf(domain)}${HOST}/2.0/`;
