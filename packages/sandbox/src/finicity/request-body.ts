import { parseJsonObject, readBody } from '../body.ts';
import { errors, Refusal } from './errors.ts';

/** The members of a JSON object, whose values can be anything. */
export type JsonBody = Readonly<Record<string, unknown>>;

/** Reads a JSON object. Refuses with 14020 what is of another type, cannot be parsed or is longer than 1 MiB. */
export const readJson = async (request: Request): Promise<JsonBody> => {
  const bytes = await readBody(request);
  const isJson = /\bjson\b/i.test(request.headers.get('content-type') ?? '');
  const body = bytes && isJson ? parseJsonObject(new TextDecoder().decode(bytes)) : undefined;
  if (body === undefined) throw new Refusal(errors.badRequest);
  // Made by JSON.parse, so its keys are texts.
  return body as JsonBody;
};
