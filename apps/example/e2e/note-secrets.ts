// Loaded into the server before its own program: notes every secret that goes to a vendor or comes from one, so that the tests know
// what must not be seen anywhere.
import { appendFileSync } from 'node:fs';

const { SECRETS_FILE: file = '' } = process.env;
const SECRET_NAMES = /secret|token|key|authorization|signature|^code$/i;
/** Shorter ones are words, like the name of a kind of token. */
const SHORTEST = 12;

const note = (name: string, value: unknown): void => {
  if (typeof value === 'string' && value.length >= SHORTEST && SECRET_NAMES.test(name))
    appendFileSync(file, `${value.replace(/^Bearer /, '')}\n`);
};

/** Of links too: what their query holds. */
const noteLink = (value: unknown): void => {
  if (typeof value === 'string' && URL.canParse(value)) for (const [name, member] of new URL(value).searchParams) note(name, member);
};

const noteAll = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    note(name, member);
    noteLink(member);
    noteAll(member);
  }
};

const noteText = (text: string): void => {
  try {
    noteAll(JSON.parse(text));
  } catch {
    noteAll(Object.fromEntries(new URLSearchParams(text)));
  }
};

const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  for (const [name, value] of request.headers) note(name, value);
  noteText(await request.clone().text());
  const response = await send(request);
  if (response.body !== null) noteText(await response.clone().text());
  return response;
};
