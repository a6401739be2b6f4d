import type { Clock } from '@auth/core';
import { ensure } from '../check.ts';
import { eachTokenSide, type ProviderRule } from './stage.ts';

const HOUR = 60 * 60_000;
/** Milliseconds that an answer takes, and that a life must not be longer for. */
const ON_ITS_WAY = 20_000;
/** Milliseconds of calls in which a step of the wall clock has to be noticed. */
const NOTICED = 10_000;
/** What rounding may make of a time. */
const TOLERANCE = 1_000;

/** How time counts. */
export const timeRules: readonly ProviderRule[] = [
  {
    name: 'dates a token from before the request for it',
    run: (open) =>
      eachTokenSide(open, async ({ fixture, traffic, clock, provider, settled }, { name, of }) => {
        let sentAt = clock.now();
        traffic.interfere(async (request, pass) => {
          const { token } = fixture;
          if (
            token?.from !== 'vendor' ||
            !token.isRequest({ method: request.method, url: request.url, path: new URL(request.url).pathname })
          )
            return pass();
          sentAt = clock.now();
          const response = await pass();
          clock.advance(ON_ITS_WAY);
          return response;
        });
        const { issuedAt, expiresAt } = await settled(of(await provider()).token());
        const late = issuedAt - sentAt;
        ensure(
          late <= TOLERANCE,
          `The token of ${name} was dated ${late} ms after its request was sent. Take the time before: the vendor does not wait for its answer to arrive.`,
        );
        ensure(
          expiresAt === null || (expiresAt > issuedAt && issuedAt > Date.UTC(2000)),
          `The times of the token of ${name} are no epoch milliseconds in their order.`,
        );
      }),
  },
  {
    name: 'neither drops a good token nor serves a dead one when the wall clock steps',
    run: (open) =>
      eachTokenSide(open, async ({ clock, provider, settled, record, tokenRequests }, { name, of }) => {
        let step = 0;
        const machine: Clock = { ...clock, now: () => clock.now() + step };
        const authority = of(await provider({ clock: machine }));
        await settled(authority.token());
        let sent = record();
        step = 2 * HOUR;
        clock.advance(NOTICED);
        const token = await settled(authority.token()).catch(() => undefined);
        ensure(token !== undefined, `The wall clock stepped by 2 h, and ${name} had no token. Keep the old one until there is another.`);
        const asked = tokenRequests(sent());
        ensure(asked <= 1, `The wall clock stepped by 2 h, and ${name} asked for ${asked} tokens. Count a leap once.`);
        sent = record();
        step = -2 * HOUR;
        clock.advance(NOTICED);
        ensure(
          authority.peek()?.value === token.value &&
            (await settled(authority.token())).value === token.value &&
            tokenRequests(sent()) === 0,
          `The wall clock stepped back, and ${name} dropped a good token. Count its life by the monotonic clock.`,
        );
        if (token.expiresAt === null) return;
        clock.advance(token.expiresAt - token.issuedAt + TOLERANCE);
        ensure(
          authority.peek() === undefined,
          `The wall clock is behind by 2 h, and ${name}.peek answers a token that is dead. Count its life by the monotonic clock.`,
        );
        const next = await settled(authority.token()).catch(() => undefined);
        ensure(
          next?.value !== token.value,
          `The wall clock is behind by 2 h, and ${name}.token answers a token that is dead. Count its life by the monotonic clock.`,
        );
        if (next === undefined || next.expiresAt === null) return;
        step += next.expiresAt - next.issuedAt;
        clock.advance(NOTICED);
        ensure(
          authority.peek()?.value !== next.value && (await settled(authority.token())).value !== next.value,
          `The machine slept while its token ended, and ${name} answers that token. Look at the wall clock, too: the monotonic one stands still.`,
        );
      }),
  },
];
