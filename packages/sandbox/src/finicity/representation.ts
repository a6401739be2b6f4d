import { XMLBuilder } from 'fast-xml-parser';
import type { FinicityError } from './errors.ts';

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

/** XML is what the vendor falls back to, so a client that forgets `Accept: application/json` meets it here too. */
export const wantsJson = (request: Request): boolean => /\bapplication\/json\b/i.test(request.headers.get('accept') ?? '');

/** An answer in JSON. */
export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

/** `{ access: { token } }` becomes `<access><token>…</token></access>`. */
export const xml = (document: object, status = 200): Response =>
  new Response(XML_DECLARATION + new XMLBuilder().build(document), { status, headers: { 'content-type': 'application/xml' } });

/** An answer in plain text. */
export const text = (body: string, status: number): Response => new Response(body, { status, headers: { 'content-type': 'text/plain' } });

/** An error in the representation that the request asks for. */
export const errorResponse = (request: Request, { status, code, message }: FinicityError, codesAs: 'number' | 'string'): Response =>
  wantsJson(request)
    ? json({ code: codesAs === 'string' ? String(code) : code, message }, status)
    : xml({ error: { code, message } }, status);
