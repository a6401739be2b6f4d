import { describe, expect, it } from 'vitest';
import { isEcho, leavesOf, type SentRequest, valuesOf } from './echo.ts';

const SECRET = 'kR7vQ2mZp9XtLwB4nYcD8sFg';
const URL_ = 'https://api.acme.example/v1/';

const sent: Readonly<Record<string, SentRequest>> = {
  'a header': { url: URL_, init: { headers: { authorization: `Bearer ${SECRET}` } } },
  'a header of Basic': { url: URL_, init: { headers: { authorization: `Basic ${btoa(`client:${SECRET}`)}` } } },
  'a header of a `Headers`': { url: URL_, init: { headers: new Headers({ 'app-key': SECRET }) } },
  'the query': { url: `${URL_}?code=${SECRET}`, init: {} },
  'the path': { url: `${URL_}tokens/${SECRET}`, init: undefined },
  'a JSON body': { url: URL_, init: { body: JSON.stringify({ client: { secrets: [SECRET] } }) } },
  'a form': { url: URL_, init: { body: String(new URLSearchParams({ client_secret: SECRET })) } },
};

describe.each(Object.entries(sent))('a vendor that repeats what was in %s', (_, request) => {
  it.each([
    ['as it is', SECRET],
    ['in another case', SECRET.toUpperCase()],
    ['within other words', `invalid_${SECRET}`],
    ['as a part', SECRET.slice(4)],
    ['as a part within other words', `bad-${SECRET.slice(0, 20)}`],
  ])('is caught %s', (_how, text) => {
    expect(isEcho(text, valuesOf(request))).toBe(true);
  });

  it.each(['invalid_client', '10001', SECRET.slice(0, 5), 'bug', '', crypto.randomUUID()])('may say %j', (text) => {
    expect(isEcho(text, valuesOf(request))).toBe(false);
  });
});

it('a vendor that repeats a body which only its sender knows is caught', () => {
  expect(isEcho(SECRET, leavesOf([{ secret: SECRET }]))).toBe(true);
  expect(isEcho('4711471147', leavesOf({ id: 4_711_471_147 }))).toBe(true);
});

it('a vendor may name its own path in a code', () => {
  expect(isEcho('institution_not_found', valuesOf({ url: `${URL_}institution/4711/certified-banks`, init: undefined }))).toBe(false);
});
