import { vendors } from '../vendors.ts';
import type { Client, Deployment } from './client.ts';

/**
 * The client that many teams write: each trait was seen in open source, in products with bank data and in clients of these vendors,
 * and beside it stands how often. Nothing in it is careless, and where they differ it has the better way.
 */
export const handWritten = ({ vendor, environment, baseUrl, userId }: Deployment): Client => {
  const { path, byHand } = vendors[vendor];

  // In memory, so each process has its own: seen five times. Five others kept none, and asked for one with every call.
  let token: string | undefined;
  let tokenAge = 0;

  // Who finds none asks for one, and so do all the others until it is there: seen nine times, once in a vendor's own client.
  const renew = async (): Promise<string> => {
    const request = byHand.tokenRequest(environment, userId);
    const response = await fetch(new URL(request.path, baseUrl), {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...request.headers },
      body: JSON.stringify(request.body),
    });
    // A refusal is thrown and forgotten, so the next call tries the same secret again: seen everywhere. Nobody counted attempts.
    if (!response.ok) throw new Error(`No token: ${response.status}`);
    const { [byHand.tokenField]: got } = await response.json();
    token = got;
    tokenAge = Date.now();
    return got;
  };

  // By age, with a fixed number that leaves a margin: seen twice. Two others had no margin, or compared the hours of the day.
  const current = async (): Promise<string> => (token !== undefined && Date.now() - tokenAge < 7_100_000 ? token : renew());

  const send = (bearer: string): Promise<Response> =>
    fetch(new URL(path, baseUrl), { headers: { accept: 'application/json', ...byHand.headers(environment, bearer) } });

  return {
    call: async () => {
      try {
        let response = await send(await current());
        // Once: seen once. Nearly all go by age alone and fail until the token is old; one repeats without end.
        if (response.status === 401) response = await send(await renew());
        await response.text();
        return response.ok;
      } catch {
        return false;
      }
    },
    close: async () => {},
  };
};
