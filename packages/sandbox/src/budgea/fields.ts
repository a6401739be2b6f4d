import * as v from 'valibot';
import { parseJsonObject, readBody } from '../body.ts';
import type { Refusals } from './errors.ts';

/** The fields of a body as text, however it was encoded. */
export interface Fields {
  readonly text: (name: string) => string | undefined;
  /** Refuses with `missingParameter` what is left out or empty. */
  readonly required: (name: string) => string;
  /** `true`, `false`, `1` or `0`; refuses others with `invalidValue`. */
  readonly flag: (name: string) => boolean | undefined;
  /** A list in JSON, or what the form has under the name; a single value is a list of one. */
  readonly list: (name: string) => readonly string[];
  /** Everything that was sent. */
  readonly all: () => ReadonlyMap<string, string>;
}

/** JSON values that fit a form field. */
const scalar = v.nullable(v.union([v.string(), v.number(), v.boolean()]));

/** Reads JSON, urlencoded and multipart bodies; a body without content has no fields. */
export const readFields = async (request: Request, refuse: Refusals): Promise<Fields> => {
  const bytes = await readBody(request);
  if (bytes === undefined) throw refuse.badBody();
  const values = await parse(request.headers.get('content-type') ?? '', bytes, refuse);

  const textOf = (name: string, unknownValue: unknown): string | undefined => {
    const value = v.safeParse(scalar, unknownValue ?? null);
    if (!value.success) throw refuse.invalidValue(name);
    return value.output === null ? undefined : String(value.output);
  };
  // Of several values in a form the last one counts.
  const text = (name: string): string | undefined => textOf(name, values.get(name)?.at(-1));
  const list = (name: string): readonly string[] =>
    (values.get(name) ?? [])
      .flatMap((value: unknown) => value)
      .map((value) => textOf(name, value))
      .filter((value) => value !== undefined);
  return {
    text,
    required: (name) => {
      const value = text(name);
      if (value === undefined || value === '') throw refuse.missingParameter(name);
      return value;
    },
    flag: (name) => {
      const value = text(name)?.toLowerCase();
      if (value === undefined || value === '') return undefined;
      if (value === 'true' || value === '1') return true;
      if (value === 'false' || value === '0') return false;
      throw refuse.invalidValue(name);
    },
    list,
    all: () => new Map([...values.keys()].flatMap((name) => (text(name) === undefined ? [] : [[name, text(name) ?? '']]))),
  };
};

/** Every value of each name: a form can have several, JSON has one, which can be a list. */
type Values = ReadonlyMap<string, readonly unknown[]>;

const parse = async (contentType: string, bytes: Uint8Array<ArrayBuffer>, refuse: Refusals): Promise<Values> => {
  if (bytes.byteLength === 0) return new Map();
  if (/\bjson\b/i.test(contentType)) {
    const values = parseJsonObject(new TextDecoder().decode(bytes));
    if (values === undefined) throw refuse.badBody();
    return new Map(Object.entries(values).map(([name, value]) => [name, [value]]));
  }
  try {
    // The platform knows both form encodings, and rejects anything else.
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
    return grouped(form);
  } catch {
    throw refuse.badBody();
  }
};

/** In one pass: to ask a form for each of its names again would take the square of its length. */
const grouped = (form: Iterable<readonly [name: string, value: unknown]>): Values => {
  const values = new Map<string, unknown[]>();
  for (const [name, value] of form) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
};
