// CommonJS, as most services on Express are: everything by `require`.
const { once } = require('node:events');
const express = require('express');
const { AuthError, authorizedFetch, createRegistry, isAuthCore, memoryStore } = require('@auth/core');
const { fakeClock } = require('@auth/core/testing');
const { budgeaPlugin } = require('@auth/budgea');
const { finicityPlugin } = require('@auth/finicity');
const { finicitySandbox } = require('@auth/sandbox');
const { encryptedStore } = require('@auth/store-encrypted');
const { redisStore } = require('@auth/store-redis');
const { expect } = require('../shared/expect.js');
const { sandboxAt } = require('../shared/sandbox.js');
const { run } = require('../shared/steps.js');

const { FINICITY_BASE_URL } = process.env;
const sandbox = sandboxAt(FINICITY_BASE_URL);
const keys = [{ id: 'first', key: new Uint8Array(32).fill(7) }];
const provider = createRegistry([finicityPlugin, budgeaPlugin]).fromEnv(
  { ...process.env, AUTH_PROVIDER: 'finicity' },
  { store: encryptedStore(memoryStore(), { keys }) },
);

const app = express();
app.get('/banks', async (request, response) => {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  const answer = await authorizedFetch(provider.application)(`institution/v2/institutions?limit=${request.query.limit}`, {
    signal: controller.signal,
  });
  response.status(answer.status).json(await answer.json());
});
app.get('/stranger', async () => authorizedFetch(provider.application)('https://stranger.example/'));
app.use((error, _request, response, next) => {
  if (!AuthError.is(error)) return next(error);
  response.status(error.retryable ? 503 : 500).json({ code: error.code });
});

const server = app.listen(0, '127.0.0.1');
const get = async (path) => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
  return { status: answer.status, body: await answer.json() };
};

const TOKENS = '/aggregation/v2/partners/authentication';

once(server, 'listening')
  .then(() =>
    run({
      'twenty requests at once cause one request for a token': async () => {
        const past = await sandbox.calls();
        const answers = await Promise.all(Array.from({ length: 20 }, () => get('/banks?limit=1')));
        expect(
          answers.every(({ status, body }) => status === 200 && body.institutions.length === 1),
          `They were answered ${answers.map(({ status }) => status)}.`,
        );
        const { length } = await sandbox.since(past, TOKENS);
        expect(length === 1, `There were ${length} requests for a token.`);
      },
      'a token that the vendor ended is replaced within the request': async () => {
        await sandbox.expireTokens();
        const past = await sandbox.calls();
        const { status } = await get('/banks?limit=1');
        expect(status === 200, `It was answered ${status}.`);
        const { length } = await sandbox.since(past, TOKENS);
        expect(length === 1, `There were ${length} requests for a token.`);
      },
      'an error reaches the error handler with its code': async () => {
        const { status, body } = await get('/stranger');
        expect(status === 500 && body.code === 'foreign_origin', `It was answered ${status} with ${JSON.stringify(body)}.`);
      },
      'require and import give the same modules': async () => {
        const core = await import('@auth/core');
        expect(core.AuthError === AuthError && isAuthCore === core.isAuthCore, 'There are two copies of core.');
      },
      'the testing entry, the sandbox and the stores load too': async () => {
        const clock = fakeClock();
        const { credentials, fetch } = finicitySandbox({ clock });
        const { finicity } = await import('@auth/finicity');
        const token = await finicity({ ...credentials, fetch, clock }).application.token();
        expect(token.issuedAt === clock.now(), 'The token is not of the time of the clock.');
        const error = await Promise.resolve()
          .then(() => redisStore({}))
          .catch((reason) => reason);
        expect(AuthError.is(error, 'misconfigured'), `redisStore took an object that is no client: ${error}.`);
      },
    }),
  )
  .finally(() => provider[Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]())
  .finally(() => server.close());
