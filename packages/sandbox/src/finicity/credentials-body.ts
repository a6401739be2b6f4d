import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as v from 'valibot';
import { parseJsonObject, readBody } from '../body.ts';
import { errors, missingField, Refusal } from './errors.ts';

/** What both authentication calls may send. */
export interface CredentialsBody {
  readonly partnerId?: string | undefined;
  readonly partnerSecret?: string | undefined;
  readonly newPartnerSecret?: string | undefined;
  readonly immediate?: boolean | undefined;
}

/** A null counts as left out; a number in a string's place is malformed, which no source says. */
const field = v.nullish(v.string());
const schema = v.object({
  partnerId: field,
  partnerSecret: field,
  newPartnerSecret: field,
  immediate: v.nullish(v.boolean()),
});

/** An element without content is parsed as an empty text, one that appears twice as an array. */
const members = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value)),
  v.record(v.string(), v.unknown()),
);
const xmlSchema = v.object({ credentials: v.union([v.literal(''), members]) });

/** Reads JSON or the legacy XML, whichever the content type says. Refuses with 14020 what is neither, or longer than 1 MiB. */
export const readCredentials = async (request: Request): Promise<CredentialsBody> => {
  const bytes = await readBody(request);
  const parsed = v.safeParse(schema, bytes && parse(request.headers.get('content-type') ?? '', new TextDecoder().decode(bytes)));
  if (!parsed.success) throw new Refusal(errors.badRequest);
  const { partnerId, partnerSecret, newPartnerSecret, immediate } = parsed.output;
  return {
    partnerId: partnerId ?? undefined,
    partnerSecret: partnerSecret ?? undefined,
    newPartnerSecret: newPartnerSecret ?? undefined,
    immediate: immediate ?? undefined,
  };
};

/** The field's value. Refuses with 10005 what is left out, empty or only spaces. */
export const required = (body: CredentialsBody, name: 'partnerId' | 'partnerSecret' | 'newPartnerSecret'): string => {
  const value = body[name];
  if (value === undefined || value.trim() === '') throw new Refusal(missingField(name));
  return value;
};

/** `undefined`, which the schema refuses, for what cannot be parsed. */
const parse = (contentType: string, body: string): unknown => {
  if (/\bjson\b/i.test(contentType)) return parseJsonObject(body);
  return /\bxml\b/i.test(contentType) ? parseXml(body) : undefined;
};

/** Every value in XML is text, so the one boolean is made here. */
const parseXml = (body: string): unknown => {
  const root = v.safeParse(xmlSchema, xmlDocument(body));
  if (!root.success) return undefined;
  const { credentials } = root.output;
  if (credentials === '') return {};
  const { immediate } = credentials;
  return { ...credentials, immediate: immediate === 'true' || (immediate === 'false' ? false : immediate) };
};

/** The parser knows references by number (`&#38;`) together with the names of HTML only. */
const PARSING = { parseTagValue: false, ignoreDeclaration: true, htmlEntities: true } as const;

/** Documents with a type declaration are not read: entities of their own could grow without end. */
const xmlDocument = (body: string): unknown => {
  if (/<!DOCTYPE/i.test(body)) return undefined;
  try {
    return XMLValidator.validate(body) === true ? new XMLParser(PARSING).parse(body) : undefined;
  } catch {
    // What the validator lets through can still be too deep, or use a name that the parser refuses.
    return undefined;
  }
};
