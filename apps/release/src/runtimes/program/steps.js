import { AuthError, authorizedFetch, memoryStore } from '@auth/core';
import { encryptedStore } from '@auth/store-encrypted';
import { expect } from './expect.js';
import { sandboxAt } from './sandbox.js';
import { leaksIn, textsOf } from './traces.js';

/**
 * The life of a token at one vendor, kept in an encrypted store. Each step goes on where the one before it ended.
 *
 * @param {import('./vendor.js').Vendor} vendor
 * @param {string} stranger Another origin, which nothing may be sent to.
 * @returns {Promise<readonly import('../runtime.ts').Result[]>}
 */
export const stepsAt = async (vendor, stranger) => {
  const sandbox = sandboxAt(vendor.url);
  const dataPath = new URL(vendor.path, vendor.url).pathname;
  const { store, kept } = observedStore();
  const events = [];
  const observe = (event) => events.push(event);
  const client = vendor.client({ store, observe });
  const call = authorizedFetch(client.authority);
  const tokens = [];
  const errors = [];

  const results = [];
  const step = async (name, run) => {
    try {
      await run();
      results.push({ step: name, ok: true });
    } catch (error) {
      results.push({ step: name, ok: false, detail: `${vendor.name}: ${error?.message ?? error}` });
    }
  };

  await step('token', async () => {
    const past = await sandbox.calls();
    const got = await Promise.all(Array.from({ length: 50 }, () => client.authority.token()));
    tokens.push(got[0].value);
    expect(new Set(got.map(({ value }) => value)).size === 1, 'The callers got different tokens.');
    // Knows nothing but the store, as in another process.
    const next = vendor.client({ store, observe });
    expect((await next.authority.token()).value === got[0].value, 'Another provider did not find the token in the store.');
    await next.end();
    const { length } = await sandbox.since(past, vendor.tokenPath);
    expect(length === 1, `50 calls and another provider caused ${length} requests for a token.`);
  });

  await step('call', async () => {
    const response = await call(vendor.path);
    expect(response.status === 200, `The call was answered ${response.status}.`);
    const { [vendor.list]: list } = await response.json();
    expect(Array.isArray(list), `The answer had no ${vendor.list}.`);
  });

  await step('renewal', async () => {
    await sandbox.expireTokens();
    const past = await sandbox.calls();
    const { status } = await call(vendor.path);
    tokens.push((await client.authority.token()).value);
    const happened = (await sandbox.since(past, dataPath, vendor.tokenPath)).map((made) => made.status);
    expect(happened.join() === '401,200,200', `Instead of refusal, renewal and repetition, the vendor answered ${happened.join()}.`);
    expect(status === 200, `The repeated call was answered ${status}.`);
    expect(tokens[0] !== tokens[1], 'The token stayed the same.');
  });

  await step('redirect', async () => {
    const past = await sandbox.calls();
    await sandbox.redirect(dataPath, new URL('collect', stranger).href);
    const answer = await call(vendor.path).catch((error) => error);
    const [made] = await sandbox.since(past, dataPath);
    expect(made?.status === 302, 'The vendor redirected nothing.');
    const { length } = await sandboxAt(stranger).calls();
    expect(length === 0, `The stranger got ${length} requests.`);
    errors.push(answer);
    // Nothing to reject, and nothing to follow either.
    const isOpaque = vendor.hidesRedirects && answer.type === 'opaqueredirect';
    expect(isOpaque || AuthError.is(answer, 'foreign_origin'), `The call ended with ${answer.code ?? answer.status ?? answer}.`);
  });

  await step('redaction', async () => {
    const refused = vendor.refusedClient();
    const error = await refused.authority.token().catch((reason) => reason);
    expect(AuthError.is(error, vendor.refusal), `The wrong secret ended with ${error?.code ?? 'a token'}.`);
    errors.push(error);
    const status = await client.authority.status();
    const shown = { clients: [...client.shown, ...refused.shown, store, status], errors, events, 'the inner store': kept };
    await refused.end();
    expect(events.length > 0 && kept.length > 0 && tokens.length === 2, 'There was too little to look at.');
    const leaky = Object.entries(shown).filter(
      ([, values]) => leaksIn([values, ...values].flatMap(textsOf), [...vendor.secrets, ...tokens]).length > 0,
    );
    expect(leaky.length === 0, `A secret or a token can be read in ${leaky.map(([name]) => name).join(', ')}.`);
  });

  await client.end();
  return results;
};

/** An encrypted store, and all that gets to the store inside. */
const observedStore = () => {
  const inner = memoryStore();
  const kept = [];
  const write = (key, value, options) => {
    kept.push(key, value ?? '');
    return inner.write(key, value, options);
  };
  const keys = [{ id: 'matrix', key: crypto.getRandomValues(new Uint8Array(32)) }];
  return { store: encryptedStore({ ...inner, write }, { keys }), kept };
};
