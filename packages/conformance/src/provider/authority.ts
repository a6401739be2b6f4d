import { AuthError, type Authorization, authorizedFetch, type Outgoing } from '@auth/core';
import { ensure } from '../check.ts';
import { rejectsWith } from './expectations.ts';
import { eachSide, hasToken, type ProviderRule } from './stage.ts';

const STATES: ReadonlySet<string> = new Set(['static', 'empty', 'fresh', 'advisory', 'mandatory', 'expired', 'refused']);

/** What every authority does, whatever its credentials are. */
export const authorityRules: readonly ProviderRule[] = [
  {
    name: 'authorizes requests so that the vendor accepts them',
    run: (open) =>
      eachSide(open, async ({ provider, settled }, side) => {
        const response = await settled(authorizedFetch(side.of(await provider()))(side.path));
        ensure(
          response.ok,
          `A request authorised by ${side.name} was answered with ${response.status}. Look at the headers that authorize answers, and at the path in the fixture.`,
        );
      }),
  },
  {
    name: 'reads requests without changing them',
    run: (open) =>
      eachSide(open, async ({ provider, settled }, { name, of, path }) => {
        const authority = of(await provider());
        const request = new Request(new URL(path, authority.baseUrl), { method: 'POST', body: 'body', headers: { 'x-own': 'kept' } });
        const before = JSON.stringify([...request.headers]);
        const { headers, bodyFields } = await settled(authority.authorize(request));
        const isUntouched = !request.bodyUsed && JSON.stringify([...request.headers]) === before && (await request.text()) === 'body';
        ensure(
          isUntouched,
          `${name}.authorize consumed or changed the request. Read a body from clone(), and answer headers instead of setting them.`,
        );
        ensure(
          Object.isFrozen(headers) && Object.values(headers).every((value) => typeof value === 'string'),
          `${name}.authorize answered headers that are not a frozen object of texts. They serve other requests too.`,
        );
        ensure(
          bodyFields === null || (Object.isFrozen(bodyFields) && Object.values(bodyFields).every((value) => typeof value === 'string')),
          `${name}.authorize answered bodyFields that are neither null nor a frozen object of texts.`,
        );
        const outgoing: Outgoing = Object.freeze({ method: 'GET', url: request.url, clone: () => new Request(request.url) });
        await settled(authority.authorize(outgoing));
      }),
  },
  {
    name: 'sends credentials to its own origin only',
    run: (open) =>
      eachSide(open, async ({ provider, settled, record, traffic }, { name, of, path }) => {
        const authority = of(await provider());
        const sent = record();
        for (const url of foreign(authority.baseUrl)) {
          const outgoing: Outgoing = { method: 'GET', url, clone: () => new Request('https://other.example/') };
          await rejectsWith(settled(authority.authorize(outgoing)), ['foreign_origin'], `${name}.authorize for ${url}`);
        }
        ensure(sent().length === 0, `${name}.authorize sent something before it refused a foreign origin. Look at the origin first.`);
        await settled(authorizedFetch(authority)(path));
        const { origin } = new URL(authority.baseUrl);
        const elsewhere = traffic.sent.find((request) => new URL(request.url).origin !== origin);
        ensure(
          elsewhere === undefined,
          `${elsewhere?.method} ${elsewhere?.path} went to another origin than baseUrl. Nothing of the provider may.`,
        );
      }),
  },
  {
    name: 'carries requests by the fetch that it was given, without credentials',
    run: (open) =>
      eachSide(open, async ({ provider, settled, record }, { name, of, path }) => {
        const authority = of(await provider());
        const sent = record();
        await settled(authority.transport(new URL(path, authority.baseUrl), { headers: { 'x-own': 'kept' } }));
        const [request, ...others] = sent();
        ensure(
          request !== undefined,
          `${name}.transport did not use the fetch of the options. A proxy, a certificate or a sandbox would be left out.`,
        );
        ensure(
          others.length === 0 && JSON.stringify(request.headers) === '{"x-own":"kept"}',
          `${name}.transport added something to the request. Credentials come from authorize alone.`,
        );
      }),
  },
  {
    name: 'calls the fetch that it was given with a URL and options',
    run: (open) =>
      eachSide(open, async ({ provider, settled, record }, { name, of, path }) => {
        const sent = record();
        const authority = of(await provider());
        await settled(authorizedFetch(authority)(path));
        const made = sent().find(({ isRequest }) => isRequest);
        ensure(
          made === undefined,
          `${made?.method} ${made?.path} for ${name} was passed to fetch as a Request. Another copy of fetch, such as undici's, cannot read it: pass a URL and options.`,
        );
      }),
  },
  {
    name: 'leaves a refusal alone that is not about its credentials',
    run: (open) =>
      eachSide(open, async ({ fixture, provider, settled, record, traffic, tokenRequests }, { name, of, path }) => {
        const authority = of(await provider());
        await settled(authorizedFetch(authority)(path));
        const held = hasToken(authority) ? authority.peek() : undefined;
        const { pathname } = new URL(path, authority.baseUrl);
        traffic.interfere((request, pass) =>
          new URL(request.url).pathname === pathname ? Promise.resolve(fixture.foreignRefusal()) : pass(),
        );
        const sent = record();
        const response = await settled(authorizedFetch(authority)(path));
        const expected = fixture.foreignRefusal();
        ensure(
          tokenRequests(sent()) === 0 && (!hasToken(authority) || authority.peek() === held),
          `${name}.shouldRetry gave up a good token for a refusal that is about something else. Only the vendor's word that it refused this very token is 'token'.`,
        );
        ensure(
          sent().filter((request) => request.path === pathname).length === 1,
          `${name}.shouldRetry had a request repeated that would be refused again. Answer null.`,
        );
        ensure(
          response.status === expected.status && !response.bodyUsed && (await response.text()) === (await expected.text()),
          `${name}.shouldRetry consumed or changed the answer. Read a clone.`,
        );
        const credentials: Authorization = await settled(authority.authorize(new Request(new URL(path, authority.baseUrl))));
        ensure(
          (await settled(authority.shouldRetry(fixture.foreignRefusal(), credentials))) === null,
          `${name}.shouldRetry answered a reason for a refusal that other credentials would not change.`,
        );
      }),
  },
  {
    name: 'says what a refusal means, by an error that it never throws',
    run: (open) =>
      eachSide(open, async ({ fixture, provider, settled, traffic }, { name, of, path }) => {
        const made = await provider();
        const authority = of(made);
        await settled(authorizedFetch(authority)(path));
        const { pathname } = new URL(path, authority.baseUrl);
        const errorOf = async (response: Response, what: string): Promise<AuthError> => {
          const error = await settled(authority.errorOf(response)).catch(() => undefined);
          ensure(error !== undefined, `${name}.errorOf rejected for ${what}. Resolve to an AuthError, whatever the answer is.`);
          ensure(
            AuthError.is(error) && error.provider === made.id && error.status === response.status,
            `${name}.errorOf did not answer an AuthError of this provider, with the status, for ${what}.`,
          );
          return error;
        };
        const [refusal, expected] = [fixture.foreignRefusal(), await fixture.foreignRefusal().text()];
        const { code } = await errorOf(refusal, 'a refusal');
        ensure(!refusal.bodyUsed && (await refusal.text()) === expected, `${name}.errorOf consumed or changed the answer. Read a clone.`);
        await errorOf(refusal, 'a refusal whose body was read before');
        await errorOf(new Response(null, { status: 500 }), 'an answer without a body');
        await errorOf(brokenOff(), 'a body that breaks off');
        traffic.interfere((request, pass) =>
          new URL(request.url).pathname === pathname ? Promise.resolve(fixture.foreignRefusal()) : pass(),
        );
        const fetch = authorizedFetch(authority, { throwHttpErrors: true });
        await rejectsWith(settled(fetch(path)), [code], `A request of ${name} with throwHttpErrors that was refused`);
      }),
  },
  {
    name: 'tells its status without sending anything',
    run: (open) =>
      eachSide(open, async ({ provider, settled, record }, { name, of, path }) => {
        const made = await provider();
        const sent = record();
        const status = await settled(of(made).status());
        ensure(sent().length === 0, `${name}.status sent something. It is for health pages, which ask often.`);
        ensure(
          JSON.stringify(JSON.parse(JSON.stringify(status))) === JSON.stringify(status) && STATES.has(status.state),
          `${name}.status is not plain data with one of the documented states.`,
        );
        ensure(status.provider === made.id, `${name}.status names another provider. Its provider has to be the id.`);
        ensure(
          status.authority !== '' && (await settled(of(made).status())).authority === status.authority,
          `${name}.status has no stable name of the authority, by which a page could find it in events.`,
        );
        await settled(authorizedFetch(of(made))(path));
        const { state } = await settled(of(made).status());
        ensure(
          state === 'static' || (hasToken(of(made)) && (state === 'fresh' || state === 'advisory')),
          `${name}.status says ${state} after a successful request. Say static where nothing expires, else fresh.`,
        );
      }),
  },
];

const brokenOff = (): Response =>
  new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('The body broke off.')) }), { status: 502 });

/** URLs that look like the authority's own, one by one, and are not. */
const foreign = (baseUrl: string): readonly string[] => {
  const { protocol, host, hostname, port, pathname } = new URL(baseUrl);
  const otherProtocol = protocol === 'https:' ? 'http:' : 'https:';
  return [
    'https://other.example/',
    `${protocol}//${host}.other.example${pathname}`,
    `${protocol}//${host}@other.example${pathname}`,
    `${protocol}//other.example/${host}/`,
    `${otherProtocol}//${host}${pathname}`,
    `${protocol}//${hostname}:${port === '8443' ? '9443' : '8443'}${pathname}`,
    `blob:${protocol}//${host}/6c8a1f0e-0000-4000-8000-000000000000`,
  ];
};
