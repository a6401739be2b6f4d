/** One request as a transport gets it. */
export interface SentRequest {
  readonly url: string;
  readonly init: RequestInit | undefined;
}

/** Characters. Shorter texts are codes, and may occur in a credential by chance. */
const SHORTEST = 6;

/** A piece of a secret that long is an echo too, and so is a longer text around a secret that long. In characters. */
const [PIECE, WHOLE] = [16, 8];

/**
 * Whether a vendor repeats in this text one of the values that were sent to it: a secret in an error code or in the id of a request would end up in
 * logs.
 */
export const isEcho = (text: string, sent: readonly string[]): boolean => {
  const echo = text.toLowerCase();
  if (echo.length < SHORTEST) return false;
  const values = sent.map((value) => value.toLowerCase());
  const pieces = Array.from({ length: Math.max(1, echo.length - PIECE + 1) }, (_, start) => echo.slice(start, start + PIECE));
  return values.some((value) => pieces.some((piece) => value.includes(piece)) || (value.length >= WHOLE && echo.includes(value)));
};

/** What may be secret in a request. */
export const valuesOf = ({ url, init }: SentRequest): readonly string[] => {
  const { pathname, searchParams } = new URL(url);
  const body = typeof init?.body === 'string' ? leavesOf(parsed(init.body)) : [];
  // The vendor's codes may be made of the words of its paths; ids and secrets have digits.
  const ids = decoded(pathname)
    .split('/')
    .filter((segment) => /\d/.test(segment));
  return [...ids, ...searchParams.values(), ...headerValues(init?.headers), ...body];
};

/** The same of headers alone. */
export const headerValues = (headers: HeadersInit | undefined): readonly string[] => [...new Headers(headers).values()].flatMap(wordsOf);

/** `Bearer …` is two words; what `Basic` hides is shown. */
const wordsOf = (header: string): readonly string[] => {
  const words = header.split(/[\s,;="]+/);
  return /^basic /i.test(header) ? [...words, ...words.flatMap((word) => unhidden(word).split(':'))] : words;
};

const unhidden = (word: string): string => {
  try {
    return atob(word);
  } catch {
    return '';
  }
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A form is a text like a query. */
const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return [body, ...new URLSearchParams(body).values()];
  }
};

/** The texts and numbers in a value. */
export const leavesOf = (value: unknown, depth = 8): readonly string[] => {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return depth > 0 && typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((member) => leavesOf(member, depth - 1))
    : [];
};
