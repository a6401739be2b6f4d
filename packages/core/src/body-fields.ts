import { AuthError } from './errors.ts';

/** What a request is made of, as far as its body goes. */
interface Content {
  readonly method: string;
  readonly headers: HeadersInit;
  readonly body?: BodyInit | null | undefined;
}

/**
 * The body, and the headers that say so, with these members added to its JSON object. They go into the text, because parsing would rewrite
 * large numbers. Rejects with `invalid_request` if the body cannot be such an object.
 */
export const withFields = async (
  { method, headers: own, body }: Content,
  fields: Readonly<Record<string, string>>,
): Promise<{ readonly headers: Headers; readonly body: string }> => {
  const headers = new Headers(own);
  const given = headers.get('content-type');
  // What a `Request` says of any text.
  const type = given?.toLowerCase() === 'text/plain;charset=utf-8' ? null : given;
  if (method === 'GET' || method === 'HEAD') throw refusal(`${method} has no body. Use another method.`);
  if (type !== null && !/^[^;]*[/+]json\s*(?:;|$)/i.test(type)) throw refusal('The content-type is not JSON. Send a JSON object.');
  const text = await textOf(body);
  headers.set('content-type', type ?? 'application/json');
  // It counted the body as it was.
  headers.delete('content-length');
  return { headers, body: spliced(text, fields) };
};

const textOf = async (body: BodyInit | null | undefined): Promise<string> => {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  const isBytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body) || body instanceof Blob;
  if (!isBytes) throw refusal('The body is a form or a stream. Send a JSON object as text.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body instanceof Blob ? await body.arrayBuffer() : body);
  } catch {
    throw refusal('The body is not text. Send a JSON object.');
  }
};

const spliced = (text: string, fields: Readonly<Record<string, string>>): string => {
  const added = JSON.stringify(fields);
  const members = text.trim() === '' ? [] : membersOf(text);
  if (members.length === 0) return added;
  if (added === '{}') return text;
  // Two members of one name mean different things to different readers.
  const twice = Object.keys(fields).find((name) => members.includes(name));
  if (twice !== undefined) throw refusal(`The body has a member ${twice} of its own. Leave it out.`);
  return `${text.slice(0, text.lastIndexOf('}'))},${added.slice(1)}`;
};

const membersOf = (text: string): readonly string[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the runtime says would quote the body.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal('The body is not a JSON object. Send one.');
  return Object.keys(value);
};

const refusal = (reason: string): AuthError =>
  new AuthError(`The credentials go into the JSON body of the request. ${reason} This request was not sent.`, {
    code: 'invalid_request',
    provider: 'core',
    operation: 'authorizedFetch',
  });
