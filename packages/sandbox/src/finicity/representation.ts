import { XMLBuilder } from 'fast-xml-parser';
import { annotate } from '../annotate.ts';
import { errors, type FinicityError, type FinicityErrorName } from './errors.ts';

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

/** XML is what the vendor falls back to, so a client that forgets `Accept: application/json` meets it here too. */
export const wantsJson = (request: Request): boolean => /\bapplication\/json\b/i.test(request.headers.get('accept') ?? '');

/** An answer in JSON. */
export const json = (body: unknown, status = 200): Response => ofType('application/json', JSON.stringify(body), status);

/** `{ access: { token } }` becomes `<access><token>…</token></access>`. */
export const xml = (document: object, status = 200): Response => ofType('application/xml', xmlText(document), status);

/** An answer in plain text. */
export const text = (body: string, status: number): Response => ofType('text/plain', body, status);

/** How errors are worded here. */
export interface ErrorStyle {
  readonly codesAs: 'number' | 'string';
  /** In Australia the headers, and so the messages about them, lack the name of the company. */
  readonly region: 'us' | 'au';
}

/** An error in the representation that the request asks for, and its code noted beside the request. */
export const errorReply = (request: Request, error: FinicityError, style: ErrorStyle): Response => {
  if ('code' in error) annotate(request, String(error.code));
  const [contentType, body] = serialized(request, error, style);
  if (contentType === '') return new Response(null, { status: error.status });
  return ofType(contentType, style.region === 'au' ? body.replaceAll('Finicity-App-', 'App-') : body, error.status);
};

/** Every error of the vendor as a function of the request that meets it. */
export const errorReplies = (style: ErrorStyle): Readonly<Record<FinicityErrorName, (request: Request) => Response>> => {
  const replies = Object.entries(errors).map(([name, error]) => [name, (request: Request) => errorReply(request, error, style)]);
  // The keys are those of `errors`; `fromEntries` forgets them.
  return Object.fromEntries(replies) as Record<FinicityErrorName, (request: Request) => Response>;
};

const serialized = (request: Request, error: FinicityError, { codesAs }: ErrorStyle): readonly [contentType: string, body: string] => {
  if (error.as === 'empty') return ['', ''];
  if (error.as === 'text') return ['text/plain', error.body];
  if (error.as === 'xml') return ['application/xml', error.body];
  if (error.as === 'json') return ['application/json', JSON.stringify(error.body)];
  const { code, message } = error;
  if (!wantsJson(request)) return ['application/xml', xmlText({ error: { code, message } })];
  return ['application/json', JSON.stringify({ code: codesAs === 'string' ? String(code) : code, message })];
};

const xmlText = (document: object): string => XML_DECLARATION + new XMLBuilder().build(document);

const ofType = (contentType: string, body: string, status: number): Response =>
  new Response(body, { status, headers: { 'content-type': contentType } });
