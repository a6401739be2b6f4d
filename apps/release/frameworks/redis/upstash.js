// Redis over HTTP, as Upstash has it: a command is a POST of an array to `/`, several are one to `/pipeline`, and answers are base64 where asked.
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * @param {import('ioredis').Redis} client
 * @param {string} token
 */
export const upstash = async (client, token) => {
  let requests = 0;
  const encoded = (value) => {
    if (Array.isArray(value)) return value.map(encoded);
    return typeof value === 'string' && value !== 'OK' ? Buffer.from(value).toString('base64') : value;
  };
  const carried = async ([name, ...args], encode) => {
    try {
      const result = await client.call(String(name), ...args.map(String));
      return { result: encode ? encoded(result) : result };
    } catch ({ message }) {
      return { error: message };
    }
  };
  const server = createServer(async (request, response) => {
    requests += 1;
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: 'WRONGPASS invalid or missing auth token' });
    const body = JSON.parse((await request.toArray()).join(''));
    const encode = request.headers['upstash-encoding'] === 'base64';
    if (request.url === '/pipeline') return answer(200, await Promise.all(body.map((command) => carried(command, encode))));
    const result = await carried(body, encode);
    return answer('error' in result ? 400 : 200, result);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests: () => requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
