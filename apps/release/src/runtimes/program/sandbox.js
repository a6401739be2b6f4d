import { expect } from './expect.js';

/**
 * What the vendor does at its end, told over HTTP, as every runtime can.
 *
 * @param {string} url
 */
export const sandboxAt = (url) => {
  const admin = `${new URL(url).origin}/__sandbox`;
  const told = async (path, body) => {
    const response = await fetch(`${admin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.ok, `The sandbox answered ${response.status} to ${path}.`);
  };
  const calls = async () => (await (await fetch(`${admin}/calls?limit=1000`)).json()).calls;
  return {
    calls,
    /** What was asked of these paths since `past`, as `calls` was then. */
    since: async (past, ...paths) => (await calls()).slice(past.length).filter(({ path }) => paths.includes(path)),
    expireTokens: () => told('/expire-tokens', {}),
    /** Something goes wrong, as the sandbox's README says it. */
    fault: (fault) => told('/faults', fault),
    /** The next request to this path is sent there. */
    redirect: (path, to) => told('/faults', { path, reply: { kind: 'status', status: 302, headers: { location: to } } }),
    /** The vendor's time moves on. */
    advance: (milliseconds) => told('/clock', { advance: milliseconds }),
  };
};
