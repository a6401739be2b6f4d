import { supports } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { callAtOnce } from '../calls.ts';
import { registry, secretVariableOf } from '../providers.ts';
import { openWire } from '../wire.ts';
import { createCurlLog } from './curl-log.ts';
import { createProvider, createSettings } from './settings.ts';

describe.each(registry.plugins.map(({ id }) => id))('the curl log of %s', (id) => {
  it('shows every request and no value that went over the wire', async () => {
    const wire = await openWire(id, {});
    const settings = createSettings(wire.environment);
    const log = createCurlLog({ known: () => new Map([[settings.get(secretVariableOf(id)) ?? '', 'THE_SECRET']]) });
    const sentinels = new Set<string>();
    const seen: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      for (const [name, value] of request.headers)
        if (!['accept', 'content-type'].includes(name)) sentinels.add(value.replace('Bearer ', ''));
      const response = await fetch(request);
      const text = await response.clone().text();
      const { token, auth_token: permanent, access_token: renewed, id: userId } = text === '' ? {} : JSON.parse(text);
      for (const value of [token, permanent, renewed, userId]) if (typeof value === 'string') sentinels.add(value);
      return response;
    };
    await using provider = createProvider(id, settings, { fetch: log.around(id, seen) });
    if (!supports(provider, 'users', 'connect')) throw new Error('Both vendors have users.');
    const user = await provider.users.create({ reference: 'jane-roe-17' });
    await callAtOnce(provider, user.id, 20);
    const session = await provider.connect.start({ userId: user.id, redirectUri: 'http://127.0.0.1:1/callback' });
    if (supports(provider, 'secret')) await provider.secret.rotate({ vault: settings.vaultOf(id) });
    await provider.users.delete(user.id);
    await wire.close();

    const shown = log.entries().map(({ curl }) => curl);
    const [secret = ''] = [wire.environment[secretVariableOf(id)]];
    expect(sentinels.size).toBeGreaterThan(0);
    for (const sentinel of [...sentinels, secret, settings.get(secretVariableOf(id)) ?? '', session.state, 'jane-roe-17'])
      expect(shown.join('\n').includes(sentinel), `A value of ${sentinel.length} characters is shown.`).toBe(false);
    expect(shown.join('\n')).toContain('$THE_SECRET');
    expect(log.entries().find(({ statuses }) => statuses.get(200) === 20)).toBeDefined();
    expect(log.entries().every(({ open }) => open === 0)).toBe(true);
  });
});

describe('the curl log', () => {
  const answer = async (): Promise<Response> => new Response('');

  it('keeps the latest entries, newest first', async () => {
    const log = createCurlLog({ known: () => new Map(), limit: 2 });
    const send = log.around('acme', answer);
    for (const path of ['first', 'second', 'third']) await send(`https://acme.example/${path}`);
    expect(log.entries().map(({ curl }) => curl)).toEqual(['curl "https://acme.example/third"', 'curl "https://acme.example/second"']);
  });

  it('counts an unanswered request as one without an answer, and passes its failure on', async () => {
    const log = createCurlLog({ known: () => new Map() });
    const send = log.around('acme', () => Promise.reject(new TypeError('fetch failed')));
    await expect(send('https://acme.example/')).rejects.toThrow('fetch failed');
    expect([...(log.entries()[0]?.statuses ?? [])]).toEqual([[0, 1]]);
  });

  it('leaves the body of a request to whoever sends it', async () => {
    const bodies: string[] = [];
    const send = createCurlLog({ known: () => new Map() }).around('acme', async (input, init) => {
      bodies.push(await new Request(input, init).text());
      return new Response('');
    });
    await send(new Request('https://acme.example/', { method: 'POST', body: 'as it is' }));
    await send('https://acme.example/', { method: 'POST', body: new TextEncoder().encode('bytes') });
    expect(bodies).toEqual(['as it is', 'bytes']);
  });
});
