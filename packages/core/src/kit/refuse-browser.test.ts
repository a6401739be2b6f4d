import { describe, expect, it, vi } from 'vitest';
import { AuthError } from '../errors.ts';
import { refuseBrowser } from './refuse-browser.ts';

const browser = { window: {}, document: {}, process: undefined };

/** The outcome of the check while these globals are set. */
const outcome = (globals: Readonly<Record<string, unknown>>): unknown => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  try {
    refuseBrowser({ provider: 'acme', secret: 'clientSecret (ACME_CLIENT_SECRET)' });
    return 'passes';
  } catch (error) {
    return error;
  } finally {
    vi.unstubAllGlobals();
  }
};

describe('refuseBrowser', () => {
  it.each([
    ['a window', browser],
    ['a window with the process of a bundler', { ...browser, process: { env: {}, versions: {} } }],
    ['a window with a process that has no versions', { ...browser, process: { env: {} } }],
  ])('refuses %s, and says why', (_, globals) => {
    const error = outcome(globals);
    const message = expect.stringMatching(/^clientSecret \(ACME_CLIENT_SECRET\) must not be in a browser: .*server/);
    expect(AuthError.is(error, 'misconfigured')).toBe(true);
    expect(error).toMatchObject({ provider: 'acme', operation: 'options', retryable: false, message });
  });

  it.each([
    ['Node', {}],
    ['Node with an emulated document', { window: {}, document: {} }],
    ['Bun with an emulated document', { ...browser, Bun: {} }],
    ['Deno with an emulated document', { ...browser, Deno: {} }],
    ['a worker at the edge', { process: undefined, caches: {}, WebSocketPair: class {} }],
    ['a runtime whose global is called window', { window: {}, process: undefined }],
  ])('lets %s pass', (_, globals) => {
    expect(outcome(globals)).toBe('passes');
  });
});
