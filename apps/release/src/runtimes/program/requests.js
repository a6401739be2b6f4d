import { waitUntil } from 'cloudflare:workers';
import { AuthError, authorizedFetch, managed, memoryStore } from '@auth/core';
import { finicity } from '@auth/finicity';

/**
 * What one request tells this worker to do.
 *
 * @typedef {object} Told
 * @property {string} name Of the product that it is for: each has an engine of its own, which outlives the request.
 * @property {object} kind What that engine has: `store`, `observe`, `fingerprint`, `waitUntil`, `provider`.
 * @property {string} vendor Where tokens come from.
 * @property {object} finicity The sandbox, and the account in it.
 * @property {'call' | 'begin' | 'leave' | 'idle'} do Waits for a token; begins to, and answers at once; gives up in the middle; or does nothing.
 * @property {number} idle Milliseconds of the product's clock that passed since its last request.
 */

/** Time runs so much faster than outside. */
const SPEED = 20;

const products = new Map();

// biome-ignore lint/style/noDefaultExport: workerd asks for one.
export default {
  /** @param {Request} request */
  fetch: async (request) => {
    const told = await request.json();
    const product = products.get(told.name) ?? productOf(told);
    products.set(told.name, product);
    product.clock.pass(told.idle);
    if (told.do === 'idle') return Response.json({ got: 'nothing', waited: 0 });
    if (told.do === 'begin') {
      product.token().catch(() => {});
      // Until the vendor has been asked.
      await fetch(`${told.vendor}?wait=20`);
      return Response.json({ got: 'begun', waited: 0 });
    }
    const since = product.clock.monotonic();
    const signal = told.do === 'leave' ? AbortSignal.timeout(20) : undefined;
    const got = await product.token({ signal }).catch((error) => (AuthError.is(error) ? error.code : String(error)));
    return Response.json({ got, waited: Math.round(product.clock.monotonic() - since), heard: product.heard });
  },
};

/** @param {Told} told */
const productOf = ({ name, kind, vendor, finicity: account }) => {
  const clock = clockOf();
  const heard = [];
  const runtime = {
    clock,
    ...(kind.store && { store: memoryStore({ clock }) }),
    ...(kind.observe && { observe: ({ type }) => heard.push(type) }),
    ...(kind.waitUntil && { waitUntil }),
  };
  if (kind.provider) {
    const provider = finicity({ ...account, ...runtime });
    const call = authorizedFetch(provider.application);
    const token = async () => {
      const { status } = await call('institution/v2/institutions?limit=1');
      return status === 200 ? (await provider.application.token()).value : `status ${status}`;
    };
    return { clock, heard, token };
  }
  const source = {
    token: async ({ signal }) => {
      const issuedAt = clock.now();
      const response = await fetch(`${vendor}?name=${name}`, { signal });
      return { value: await response.text(), issuedAt, expiresAt: issuedAt + 7_200_000 };
    },
  };
  const fingerprint = kind.fingerprint && { fingerprint: () => 'of the secret' };
  const tokens = managed(source, { ...runtime, key: name, ...fingerprint, random: () => 0 });
  return { clock, heard, token: async (options) => (await tokens.token(options)).value };
};

/** A clock that passes over the time between two requests, in which a worker does nothing. */
const clockOf = () => {
  const start = Date.now();
  let passed = 0;
  const monotonic = () => (Date.now() - start) * SPEED + passed;
  return {
    now: () => start + monotonic(),
    monotonic,
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds / SPEED);
      return () => clearTimeout(timer);
    },
    pass: (milliseconds) => {
      passed += milliseconds;
    },
  };
};
