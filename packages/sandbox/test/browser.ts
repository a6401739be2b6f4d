import { expect } from 'vitest';

/** Parameters of a URL or a form; those that are `undefined` are left out. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** Where the pages send the browser back to. */
export const APP = 'http://localhost:4000/callback';
/** What would be a script on a page that shows it as it came. */
export const HOSTILE = `"><script>alert(1)</script>'&`;

/** A browser that asks before it follows. */
export interface Browser {
  readonly open: (url: string, init?: RequestInit) => Promise<Response>;
  /** Sends a form. */
  readonly submit: (url: string, fields: Parameters) => Promise<Response>;
  /** The text of a page that is shown. */
  readonly show: (url: string) => Promise<string>;
  /** Presses a button of a shown page: hidden fields, the first radio button and the button itself go, unless changed. */
  readonly press: (url: string, shown: string, button: string, changes?: Parameters) => Promise<Response>;
  /** Opens a page and presses a button. */
  readonly visit: (url: string, button: string, changes?: Parameters) => Promise<Response>;
}

/** Browses a sandbox in process. */
export const browser = (fetch: (url: string, init?: RequestInit) => Promise<Response>): Browser => {
  const open: Browser['open'] = (url, init = {}) => fetch(url, { redirect: 'manual', ...init });
  const submit: Browser['submit'] = (url, fields) => open(url, { method: 'POST', body: new URLSearchParams(queryOf(fields)) });
  const show: Browser['show'] = async (url) => {
    const response = await open(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    return response.text();
  };
  const press: Browser['press'] = (url, shown, button, changes) => {
    const fields: Record<string, string> = {};
    for (const [input] of shown.matchAll(/<input[^>]*>/g)) {
      const [, name = ''] = /name="([^"]*)"/.exec(input) ?? [];
      fields[name] ??= /value="([^"]*)"/.exec(input)?.[1] ?? '';
    }
    expect(shown).toContain(`name="decision" value="${button}"`);
    return submit(url, { ...fields, decision: button, ...changes });
  };
  return { open, submit, show, press, visit: async (url, button, changes) => press(url, await show(url), button, changes) };
};

/** Percent-encoded, spaces too. */
export const queryOf = (parameters: Parameters): string =>
  Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
    .join('&');

/** Where an answer sends the browser, `''` for nowhere. */
export const locationOf = (response: Response): string => response.headers.get('location') ?? '';

/** The parameters with which the browser goes back to the application. */
export const parametersOf = (response: Response): Record<string, string> => {
  const { origin, pathname, searchParams } = new URL(locationOf(response));
  expect([response.status, origin + pathname]).toEqual([302, APP]);
  return Object.fromEntries(searchParams);
};
