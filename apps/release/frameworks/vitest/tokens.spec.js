import { AuthError } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { finicity } from '@auth/finicity';
import { finicitySandbox } from '@auth/sandbox';
import { afterEach, expect, it, vi } from 'vitest';

const MINUTE = 60_000;

afterEach(() => {
  vi.useRealTimers();
});

it('lets hours pass with the fake clock', async () => {
  const clock = fakeClock();
  const sandbox = finicitySandbox({ clock });
  const { application } = finicity({ ...sandbox.credentials, fetch: sandbox.fetch, clock });
  const first = await application.token();
  clock.advance(121 * MINUTE);
  expect((await application.token()).value).not.toBe(first.value);
});

it('ages a token by the fake timers of the runner, which have performance.now too', async () => {
  vi.useFakeTimers();
  const sandbox = finicitySandbox();
  const { application } = finicity({ ...sandbox.credentials, fetch: sandbox.fetch });
  const first = await application.token();
  await vi.advanceTimersByTimeAsync(121 * MINUTE);
  expect((await application.token()).value).not.toBe(first.value);
});

it('talks to a sandbox over HTTP, and is told of its errors', async () => {
  const { FINICITY_PARTNER_ID: partnerId, FINICITY_APP_KEY: appKey, FINICITY_BASE_URL: baseUrl } = process.env;
  const provider = finicity({ partnerId, partnerSecret: 'a-wrong-secret-0', appKey, baseUrl });
  const error = await provider.application.token().catch((reason) => reason);
  expect(AuthError.is(error, 'invalid_credentials')).toBe(true);
});
