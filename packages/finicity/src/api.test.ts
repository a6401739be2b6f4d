import type { Fetch } from '@auth/core';
import { AuthError } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FinicityProvider, finicity } from './index.ts';

const AUTHENTICATION = '/aggregation/v2/partners/authentication';
const NEXT = 'brandNewSecret1';

/** One request as it left the provider. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

describe.each(['in process', 'over HTTP'])('api, %s', (way) => {
  let sandbox: FinicitySandbox;
  let provider: FinicityProvider;
  let sent: Sent[];
  let server: Listening | undefined;

  beforeEach(async () => {
    sandbox = finicitySandbox({ clock: fakeClock({ now: Date.UTC(2026, 0, 1) }) });
    sent = [];
    if (way === 'over HTTP') server = await sandbox.listen();
    const carry: Fetch = server ? fetch : sandbox.fetch;
    provider = finicity({
      ...sandbox.credentials,
      baseUrl: server?.url,
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const body = await request.clone().text();
        const { pathname } = new URL(request.url);
        sent.push({
          method: request.method,
          path: pathname,
          headers: Object.fromEntries(request.headers),
          body: body === '' ? null : JSON.parse(body),
        });
        return carry(request);
      },
    });
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const credentials = (): { partnerId: string; partnerSecret: string } => {
    const { partnerId, partnerSecret } = sandbox.credentials;
    return { partnerId, partnerSecret };
  };

  describe('createToken', () => {
    it('posts the credentials and nothing else', async () => {
      await provider.api.createToken(credentials());
      expect(sent).toEqual([{ method: 'POST', path: AUTHENTICATION, headers: expect.anything(), body: credentials() }]);
    });

    it('sends the app key, asks for JSON, and carries no app token', async () => {
      await provider.application.token();
      await provider.api.createToken(credentials());
      expect(sent.map(({ headers }) => headers)).toEqual([
        {
          'finicity-app-key': sandbox.credentials.appKey,
          'app-key': sandbox.credentials.appKey,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        {
          'finicity-app-key': sandbox.credentials.appKey,
          'app-key': sandbox.credentials.appKey,
          accept: 'application/json',
          'content-type': 'application/json',
        },
      ]);
    });

    it('resolves to the token alone', async () => {
      expect(await provider.api.createToken(credentials())).toEqual({ token: expect.stringMatching(/^\w{20}$/) });
    });

    it('gives status and headers of the same call on withResponse', async () => {
      const call = provider.api.createToken(credentials());
      const { data, status, headers } = await call.withResponse();
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('application/json');
      expect(data).toBe(await call);
      expect(sandbox.calls).toHaveLength(1);
    });

    it('rejects both ways of awaiting it, and leaves no rejection unhandled', async () => {
      const call = provider.api.createToken({ ...credentials(), partnerSecret: 'wrongWrongWrong12345' });
      await expect(call.withResponse()).rejects.toMatchObject({ code: 'invalid_credentials', vendorCode: '10001', status: 401 });
      await expect(call).rejects.toBeInstanceOf(AuthError);
    });

    it('takes the credentials of the call, not those of the provider', async () => {
      await expect(provider.api.createToken({ ...credentials(), partnerId: '1234567890123' })).rejects.toMatchObject({
        code: 'invalid_credentials',
        vendorCode: '12401',
        status: 404,
      });
    });

    it('sends nothing when its signal has aborted already', async () => {
      await expect(provider.api.createToken(credentials(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
      expect(sent).toEqual([]);
    });

    it.each([
      ['no token', '{}', 'token should be'],
      ['a token that is no text', '{"token":{"value":"hunter2hunter2"}}', 'token should be string'],
      ['an empty token', '{"token":""}', 'token should be'],
      ['a list', '["hunter2hunter2"]', 'should be'],
      ['XML', '<access><token>hunter2hunter2</token></access>', 'the body should be'],
      ['nothing', '', 'the body should be'],
    ])('rejects %s with invalid_response, naming the path and not the value', async (_, body, path) => {
      sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });
      const error: unknown = await provider.api.createToken(credentials()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'invalid_response', status: 200, message: expect.stringContaining(path) });
      expect(String(error)).not.toContain('hunter2');
    });

    it('is never repeated by itself', async () => {
      sandbox.faults.add({ times: 9, reply: { kind: 'status', status: 503 } });
      await expect(provider.api.createToken(credentials())).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      expect(sandbox.calls).toHaveLength(1);
    });

    it('tells how long the vendor asks to wait', async () => {
      sandbox.faults.add({ reply: { kind: 'status', status: 429, headers: { 'retry-after': '7' } } });
      await expect(provider.api.createToken(credentials())).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 7_000 });
    });
  });

  describe('modifyPartnerSecret', () => {
    it.each([{}, { immediate: true }, { immediate: false }])('puts the credentials and the new secret, with %j', async (options) => {
      await provider.api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT, ...options });
      expect(sent).toEqual([
        {
          method: 'PUT',
          path: AUTHENTICATION,
          headers: {
            'finicity-app-key': sandbox.credentials.appKey,
            'app-key': sandbox.credentials.appKey,
            accept: 'application/json',
            'content-type': 'application/json',
          },
          body: { ...credentials(), newPartnerSecret: NEXT, ...options },
        },
      ]);
    });

    it('leaves out what is undefined', async () => {
      await provider.api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT, immediate: undefined });
      expect(sent[0]?.body).toEqual({ ...credentials(), newPartnerSecret: NEXT });
    });

    it('resolves to nothing, with status 204 on withResponse', async () => {
      const call = provider.api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT });
      const { data, status, headers } = await call.withResponse();
      expect(await call).toBeUndefined();
      expect([data, status]).toEqual([undefined, 204]);
      expect(headers).toBeInstanceOf(Headers);
    });

    it('changes the secret at the vendor', async () => {
      await provider.api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT });
      await expect(provider.api.createToken(credentials())).rejects.toMatchObject({ vendorCode: '10001' });
      await expect(provider.api.createToken({ ...credentials(), partnerSecret: NEXT })).resolves.toHaveProperty('token');
    });

    it('passes on a policy refusal of the vendor', async () => {
      await expect(provider.api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: 'short' })).rejects.toMatchObject({
        code: 'invalid_request',
        vendorCode: '24437',
        status: 400,
      });
    });

    it.each([
      ['its answer is lost', { kind: 'lost' }],
      ['a gateway answers 502', { kind: 'status', status: 502 }],
      ['a gateway answers 504', { kind: 'status', status: 504 }],
    ] as const)('is of unknown outcome when %s, and not repeated', async (_, reply) => {
      sandbox.faults.add({ method: 'PUT', times: 9, reply });
      await expect(provider.api.modifyPartnerSecret({ ...credentials(), newPartnerSecret: NEXT })).rejects.toMatchObject({
        code: 'outcome_unknown',
        retryable: false,
        operation: 'api.modifyPartnerSecret',
      });
      expect(sandbox.calls).toHaveLength(1);
    });
  });
});

describe('api, while the vendor does not answer', () => {
  it.each([
    ['createToken', 'aborted'],
    ['modifyPartnerSecret', 'outcome_unknown'],
  ] as const)('ends %s with %s when its signal aborts', async (operation, code) => {
    const sandbox = finicitySandbox();
    const { url, close } = await sandbox.listen();
    const provider = finicity({ ...sandbox.credentials, baseUrl: url });
    sandbox.faults.add({ reply: { kind: 'hang' } });
    const controller = new AbortController();
    const call = provider.api[operation]({ ...sandbox.credentials, newPartnerSecret: NEXT }, { signal: controller.signal });
    await expect.poll(() => sandbox.calls.length).toBe(1);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code });
    await close();
  });
});
