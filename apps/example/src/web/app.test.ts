import { readFileSync } from 'node:fs';
import { glob, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Clock, Environment } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pluginOf, registry } from '../providers.ts';
import { vendors } from '../vendors.ts';
import { openWire } from '../wire.ts';
import { createApp } from './app.ts';
import type { App } from './context.ts';
import { openProduct, type Product } from './product.ts';

type Plugin = (typeof registry.plugins)[number];

const ORIGIN = 'http://127.0.0.1:3000';
const [FIRST, SECOND] = [...registry.plugins] as [Plugin, Plugin]; // there are two
let directory: string;
let product: Product;
let app: App;

const start = async (environment: Environment = {}, clock?: Clock): Promise<void> => {
  product = await openProduct({ environment, directory, clock });
  app = createApp(product);
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'example-test-'));
});
afterEach(async () => {
  await product.close();
  await rm(directory, { recursive: true });
});

/** A browser that knows no scripts: it keeps the cookie and sends the forms of the pages. */
const browser = () => {
  let cookie = '';
  let status = 0;
  const get = async (path: string): Promise<string> => {
    const response = await app.request(ORIGIN + path, { headers: { cookie } });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    status = response.status;
    return response.text();
  };
  return {
    get,
    /** Of the page that it got last. */
    status: () => status,
    post: async (path: string, form: Record<string, string>): Promise<Response> => {
      const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(await get('/')) ?? [];
      const body = new URLSearchParams({ csrf, ...form });
      return app.request(ORIGIN + path, { method: 'POST', headers: { cookie, origin: ORIGIN, 'sec-fetch-site': 'same-origin' }, body });
    },
  };
};

describe('the file .env.example', () => {
  const example = parseEnv(readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8'));

  it('lists every variable, and starts as it is, on the sandboxes of all vendors', async () => {
    const fields = registry.plugins.flatMap(({ id }) => pluginOf(id).fields.map(({ variable }) => variable));
    expect(Object.keys(example).toSorted()).toEqual(['AUTH_PROVIDER', 'DATA_DIR', 'PORT', 'REDIS_URL', ...fields].toSorted());
    await start(example);
    for (const { id } of registry.plugins) {
      await product.configure(id);
      expect(product.sandbox()?.url).toBe(product.provider().baseUrl);
    }
  });
});

describe('breaking and mending', () => {
  const press = async (action: string): Promise<string> => {
    const { get, post } = browser();
    expect((await post('/break', { action })).status).toBe(303);
    return get('/break');
  };
  const fieldOf = (page: string, name: string): string | undefined => new RegExp(`data-field="${name}">([^<]*)`).exec(page)?.[1];

  it.each([
    ['an outage, a wrong secret and a rotation', ['outage', 'wrong-secret', 'rotate']],
    ['an outage and a rotation', ['outage', 'rotate']],
    ['a wrong secret and a rotation', ['wrong-secret', 'rotate']],
    ['a wrong secret and a rotation whose answer is lost', ['wrong-secret', 'lose-answer']],
  ])('mends %s, after which a rotation works', async (_, sequence) => {
    await start({ AUTH_PROVIDER: FIRST.id });
    for (const action of sequence) await press(action);
    const mended = await press('mend');
    expect([fieldOf(mended, 'failed'), fieldOf(mended, 'code')]).toEqual(['0', 'none']);
    const rotated = await press('rotate');
    expect([fieldOf(rotated, 'failed'), fieldOf(rotated, 'code')]).toEqual(['0', 'none']);
    expect(rotated).toContain('The secret was changed at the vendor and in the vault');
  });

  it('says what happened, and not what was meant to', async () => {
    await start({ AUTH_PROVIDER: FIRST.id });
    await press('outage');
    const wrong = await press('wrong-secret');
    expect(fieldOf(wrong, 'code')).toBe('unavailable');
    expect(wrong).toContain('It did not come to that. 150 of 150 calls failed with unavailable.');
    const rotated = await press('rotate');
    expect(rotated).toContain('The rotation ended with outcome_unknown');
    expect(rotated).not.toContain('The secret was changed');
    const mended = await press('mend');
    expect(mended).toContain('A rotation had been interrupted');
  });
});

describe('the web application', () => {
  it('changes one line of the configuration when the vendor is switched', async () => {
    await start();
    const { get, post } = browser();
    const before = await get('/');
    for (const { id } of registry.plugins) {
      expect((await post('/', { provider: id })).status).toBe(303);
      const lines = (text: string): string[] => /<pre[\s\S]*<\/pre>/.exec(text)?.[0].split('class="line"') ?? [];
      const changed = lines(await get('/')).filter((line, index) => line !== lines(before)[index]);
      expect(changed).toHaveLength(product.provider().id === FIRST.id ? 0 : 1);
      expect(product.provider().id).toBe(id);
    }
  });

  it('has users of its own at each vendor', async () => {
    await start();
    product.users.add(product.scope(), 'only-here', '5001');
    const { get, post } = browser();
    expect(await get('/connect')).toContain('only-here');
    await post('/', { provider: SECOND.id });
    expect(await get('/connect')).not.toContain('only-here');
  });

  it('shows what is wrong with a setting beside its field, keeps what works, and sends no secret back', async () => {
    await start();
    const { id, fields } = FIRST;
    const working = product.provider();
    const [number, secret] = [fields.find((field) => !field.secret), fields.find((field) => field.secret)];
    const response = await browser().post('/settings', {
      vendor: id,
      [number?.name ?? '']: 'no digits',
      [secret?.name ?? '']: 'sentinel-of-a-secret',
    });
    const page = await response.text();
    expect(response.status).toBe(400);
    expect(page).toContain(`id="${number?.name}-problem"`);
    expect(page).toContain('value="no digits"');
    expect(page).not.toContain('sentinel-of-a-secret');
    expect(product.provider()).toBe(working);
    for (const { variable, secret: isSecret } of fields)
      if (isSecret) expect(page).not.toContain(product.settings.get(variable) ?? 'no such text');
  });

  it('refuses a form without the token of its session, and one of another origin', async () => {
    await start();
    const { post } = browser();
    expect((await post('/', { provider: SECOND.id, csrf: 'made up' })).status).toBe(403);
    const elsewhere = { method: 'POST', headers: { origin: 'https://evil.example' }, body: new URLSearchParams() };
    expect((await app.request(`${ORIGIN}/`, elsewhere)).status).toBe(403);
    expect(product.provider().id).toBe(FIRST.id);
  });

  it('answers under names of loopback only', async () => {
    await start();
    expect((await app.request('http://rebound.example/')).status).toBe(421);
  });

  it.each(['/', '/settings', '/connect', '/callback', '/health', '/break', '/race', '/wire', '/nothing'])(
    'lets no script and no style into %s, may load none from elsewhere, and keeps it out of caches and frames',
    async (path) => {
      await start();
      const response = await app.request(ORIGIN + path);
      const headers = Object.fromEntries(response.headers);
      const html = await response.text();
      expect(headers['content-security-policy']).toContain("default-src 'none'; style-src 'self'; script-src 'self'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:\/\/(?!127\.0\.0\.1)/);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
      expect(headers['referrer-policy']).toMatch(/^(?:no-referrer|same-origin)$/);
      expect(headers['set-cookie']).toMatch(/HttpOnly; SameSite=Lax/);
      expect(html).toContain('<!doctype html>');
      expect(html).not.toMatch(/<style|<script(?![^>]* src=)|<[^>]+ (?:style|on[a-z]+)=|javascript:/i);
    },
  );

  it('breaks nothing where the vendor itself is at the other end', async () => {
    const vendor = await openWire(FIRST.id, {});
    await start(vendor.environment);
    const { get, post } = browser();
    expect(await get('/break')).toContain('with your credentials');
    await post('/break', { action: 'end-token' });
    expect(vendor.sandbox?.calls).toEqual([]);
    expect((await app.request(`${ORIGIN}/connect`)).headers.get('content-security-policy')).toContain(vendors[FIRST.id].pageOrigin);
    await vendor.close();
  });

  it('breaks nothing once the settings lead elsewhere', async () => {
    const elsewhere = await openWire(FIRST.id, {});
    await start();
    const { fields } = FIRST;
    await product.configure(FIRST.id, new Map(fields.map(({ variable }) => [variable, elsewhere.environment[variable]])));
    expect(await browser().get('/break')).toContain('with your credentials');
    await elsewhere.close();
  });

  it.each(registry.plugins.map(({ id }) => id))('says so when the browser is back from %s after the end of the link', async (id) => {
    const clock = fakeClock();
    await start({ AUTH_PROVIDER: id }, clock);
    const { get, post, status } = browser();
    const left = await post('/connect/users', { reference: 'customer-1' });
    expect(left.status).toBe(303);
    const target = new URL(left.headers.get('location') ?? '');
    const back = new URL(target.searchParams.get('redirectUri') ?? target.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('state', target.searchParams.get('state') ?? back.searchParams.get('state') ?? '');
    clock.advance(3 * 60 * 60_000);
    const late = await get(`/callback${back.search}`);
    expect(status()).toBe(410);
    expect(late).toContain('The link has expired');
    expect(late).toContain('Start again');
    expect(await get(`/callback${back.search}`)).toContain('No visit to a bank is under way');
  });

  it('keeps nothing in clear that a token could be read from', async () => {
    await start();
    const { post } = browser();
    await post('/connect/users', { reference: 'customer-1' });
    const [user] = product.users.list(product.scope());
    const { value } = await product
      .provider()
      .asUser(user?.vendorUserId ?? '')
      .token();
    for (const name of await readdir(directory)) expect(readFileSync(join(directory, name), 'latin1')).not.toContain(value);
  });
});

describe('the sources of the web application', () => {
  it('name no vendor', async () => {
    await start();
    for await (const file of glob('**/*.ts', { cwd: import.meta.dirname })) {
      const source = readFileSync(join(import.meta.dirname, file), 'utf8').toLowerCase();
      for (const { id } of registry.plugins) expect(source.includes(id), `${file} names ${id}`).toBe(false);
    }
  });
});
