import { authorizedFetch, type Token } from '@auth/core';
import { ensure } from '../check.ts';
import { rejectionOf, rejectsWith } from './expectations.ts';
import { eachTokenSide, type ProviderRule, type Stage } from './stage.ts';
import { never } from './traffic.ts';

const CALLERS = 100;
const [SECOND, HOUR, DAY] = [1_000, 60 * 60_000, 24 * 60 * 60_000];

/** Calls one after the other that are refused whatever the token, and how many tokens may be requested for them. */
const [REFUSED_CALLS, MOST_TOKENS] = [50, 8];

/** What holds for tokens, where there are any. */
export const tokenRules: readonly ProviderRule[] = [
  {
    name: 'asks for one token for many callers',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        const provider = await stage.provider();
        const sent = stage.record();
        const tokens = await stage.settled(Promise.all(times(CALLERS, () => of(provider).token())));
        expectOne(
          stage,
          tokens,
          stage.tokenRequests(sent()),
          `${CALLERS} callers of ${name}.token at once`,
          'Let all of them wait for one flight, whichever handle they use',
        );
      }),
  },
  {
    name: 'asks for one token for all processes that share a store',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        // What is signed here costs nothing, so each process may sign for itself.
        if (stage.fixture.token?.from !== 'vendor') return;
        const providers = await Promise.all(times(4, () => stage.provider()));
        const sent = stage.record();
        const tokens = await stage.settled(Promise.all(providers.flatMap((provider) => times(5, () => of(provider).token()))));
        const later = await stage.settled(of(await stage.provider()).token());
        expectOne(
          stage,
          [...tokens, later],
          stage.tokenRequests(sent()),
          `Providers on one store, which asked ${name}.token`,
          'Pass the store and a key to the engine',
        );
      }),
  },
  {
    name: 'renews once for many refusals, and every request succeeds',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of, path }) => {
        const { fixture, vendor, settled } = stage;
        const fetch = authorizedFetch(of(await stage.provider()));
        await settled(fetch(path));
        await fixture.token?.end(vendor);
        const sent = stage.record();
        const responses = await settled(Promise.all(times(CALLERS, () => fetch(path))));
        const refused = responses.filter(({ ok }) => !ok);
        ensure(
          refused.length === 0,
          `The vendor ended the token of ${name}, and ${refused.length} of ${CALLERS} requests stayed refused. Have shouldRetry invalidate the token and answer 'token'.`,
        );
        const asked = stage.tokenRequests(sent());
        ensure(
          asked === expected(stage),
          `${CALLERS} refusals of one token of ${name} caused ${asked} requests for another. Invalidate only the token that was refused, and share the flight.`,
        );
      }),
  },
  {
    name: 'asks for few tokens while new ones are refused too, and goes on afterwards',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of, path }) => {
        const { fixture, vendor, settled, traffic, clock } = stage;
        if (fixture.token?.from !== 'vendor') return;
        const authority = of(await stage.provider());
        const fetch = authorizedFetch(authority);
        const url = new URL(path, authority.baseUrl);
        const { headers } = await settled(authority.authorize(new Request(url)));
        await fixture.token.end(vendor);
        const refusal = await settled(authority.transport(url, { headers }));
        const body = await refusal.text();
        traffic.interfere(async (request, pass) =>
          new URL(request.url).pathname === url.pathname ? new Response(body || null, refusal) : pass(),
        );
        const sent = stage.record();
        for (let call = 0; call < REFUSED_CALLS; call += 1) {
          const response = await settled(fetch(path));
          ensure(
            response.status === refusal.status && (await response.text()) === body,
            `A request of ${name} that was refused with the new token too was not answered with that refusal. Hand the vendor's answer on.`,
          );
          clock.advance(SECOND);
        }
        const asked = stage.tokenRequests(sent());
        ensure(
          asked <= MOST_TOKENS,
          `${REFUSED_CALLS} requests of ${name}, which the vendor refused whatever the token, caused ${asked} requests for a token. Have shouldRetry ask \`refused\` of the engine, as tokenAuthority does.`,
        );
        await fixture.token.end(vendor);
        traffic.stopInterfering();
        clock.advance(HOUR);
        ensure(
          (await settled(fetch(path))).ok,
          `${name} still has no good token an hour after its tokens were refused one after the other. Try again after a while.`,
        );
      }),
  },
  {
    name: 'keeps its token when an older one is rejected late',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        const authority = of(await stage.provider());
        const first = await stage.settled(authority.token());
        await stage.settled(authority.invalidate(first));
        ensure(authority.peek() === undefined, `${name}.peek still answers a token that was invalidated.`);
        const second = await stage.settled(authority.token());
        await stage.settled(authority.invalidate(first));
        ensure(
          second.value === first.value || authority.peek()?.value === second.value,
          `${name}.invalidate forgot another token than the one that was rejected. Compare first.`,
        );
      }),
  },
  {
    name: 'ends only the wait of a caller who aborts',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        const { settled } = stage;
        const authority = of(await stage.provider());
        await rejectsWith(settled(authority.token({ signal: AbortSignal.abort() })), ['aborted'], `${name}.token with an aborted signal`);
        if (stage.fixture.token?.from !== 'vendor') return;
        const { arrived, release } = holdTokenRequests(stage);
        const caller = new AbortController();
        const one = authority.token({ signal: caller.signal });
        const other = authority.token();
        const ends = Promise.allSettled([one, other]);
        await settled(arrived);
        caller.abort();
        await rejectsWith(settled(one), ['aborted'], `${name}.token of a caller who aborted`);
        release();
        await settled(ends);
        const isServed = await other.then(
          () => true,
          () => false,
        );
        ensure(isServed, `One caller of ${name}.token aborted, and another one got no token. A shared flight takes no caller's signal.`);
      }),
  },
  {
    name: 'tells waitUntil of each request for a token',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        // What is signed here takes no time.
        if (stage.fixture.token?.from !== 'vendor') return;
        const told: Promise<unknown>[] = [];
        const authority = of(await stage.provider({ waitUntil: (work) => void told.push(work) }));
        await stage.settled(authority.token());
        ensure(
          told.length > 0,
          `${name}.token asked the vendor, and told \`waitUntil\` nothing. Pass the whole runtime on to the engine: a worker ends what it is not told of.`,
        );
        await stage.settled(Promise.all(told), `what ${name}.token told \`waitUntil\` of`);
      }),
  },
  {
    name: 'sends nothing, and rejects, after it was disposed of',
    run: (open) =>
      eachTokenSide(open, async (stage, { name, of }) => {
        const { settled, fixture } = stage;
        const provider = await stage.provider();
        const authority = of(provider);
        let waiting: Promise<unknown> | undefined;
        if (fixture.token?.from === 'vendor') {
          const { arrived } = holdTokenRequests(stage);
          waiting = rejectionOf(authority.token(), `A call of ${name}.token that was under way at the disposal`);
          await settled(Promise.race([arrived, waiting]));
        } else await settled(authority.token());
        await settled(provider[Symbol.asyncDispose](), 'Symbol.asyncDispose');
        if (waiting) await settled(waiting, `A call of ${name}.token that was under way when the provider was disposed of`);
        const sent = stage.record();
        await rejectionOf(settled(authority.token()), `${name}.token after the disposal`);
        await rejectionOf(settled(of(provider).token()), `${name}.token of a new handle after the disposal`);
        await stage.clock.settle(DAY);
        ensure(
          sent().length === 0,
          `${name} sent something after the provider was disposed of. End timers and flights in Symbol.asyncDispose.`,
        );
      }),
  },
];

const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

/** How many requests one token takes. */
const expected = ({ fixture }: Stage): number => (fixture.token?.from === 'vendor' ? 1 : 0);

const expectOne = (stage: Stage, tokens: readonly Token[], asked: number, who: string, what: string): void => {
  const values = new Set(tokens.map(({ value }) => value));
  ensure(
    asked === expected(stage) && values.size === 1,
    `${who} caused ${asked} requests for a token, and got ${values.size} different ones. ${what}. If it is none, look at isRequest in the fixture.`,
  );
};

/** Requests for a token wait until they are released. `arrived` resolves with the first. */
const holdTokenRequests = ({ fixture, traffic }: Stage): { readonly arrived: Promise<void>; readonly release: () => void } => {
  const { token } = fixture;
  const arrival = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  traffic.interfere(async (request, pass) => {
    const sent = { method: request.method, url: request.url, path: new URL(request.url).pathname };
    if (token?.from !== 'vendor' || !token.isRequest(sent)) return pass();
    arrival.resolve();
    return Promise.race([gate.promise.then(pass), never(request, pass)]);
  });
  return { arrived: arrival.promise, release: gate.resolve };
};
