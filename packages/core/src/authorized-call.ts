import type { Authority, Authorization, Fetch, Outgoing, RetryReason } from './authority.ts';
import { abortable } from './wait.ts';

/** What all calls of one authorised fetch share. */
export interface CallPlan {
  readonly authority: Authority;
  readonly transport: Fetch;
  readonly throwHttpErrors: boolean;
  /** The only one that credentials are sent to. */
  readonly origin: string;
  /** The absolute URL of a text, seen from another URL; `undefined` if it is not on the authority's origin. */
  readonly checked: (text: string, from: string) => string | undefined;
}

/** A body that can be read only once. */
export type OneShot = ReadableStream<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array>;

/** One call: its request, as it is after the redirects and repetitions so far. The transport gets nothing but what was checked here. */
export class AuthorizedCall {
  readonly plan: CallPlan;
  readonly redirect: RequestRedirect;
  /** What the caller expects of the last answer. The runtime would check those that are followed or repeated, too. */
  readonly integrity: string | undefined;
  url: string;
  method: string;
  headers: HeadersInit | undefined;
  body: BodyInit | null | undefined;
  hops = 0;
  readonly repeatedFor: Set<RetryReason> = new Set();
  /** A request to take apart. Also keeps it alive: the signal of a `Request` that was collected never aborts. */
  readonly #request: Request | undefined;
  readonly #init: RequestInit | undefined;

  /** The URL was checked: it is sent, whatever the `Request` says. */
  constructor(plan: CallPlan, url: string, source: Request | undefined, given: RequestInit | undefined) {
    // A `Request` may be passed as `init` too; it then has everything but the URL.
    const request = isRequest(given) ? given : source;
    const init = request === given ? undefined : given;
    this.plan = plan;
    this.#request = request;
    this.#init = request ? { ...membersOf(request), ...definedOf(init) } : init && { ...init };
    this.redirect = init?.redirect ?? request?.redirect ?? 'follow';
    if (this.#init?.integrity && this.redirect === 'follow') ({ integrity: this.integrity, ...this.#init } = this.#init);
    this.url = url;
    this.method = normalized(init?.method ?? request?.method ?? 'GET');
    this.headers = copyOf(init?.headers ?? request?.headers);
    // `null` leaves a `Request` its body, as in fetch.
    this.body = init?.body ?? undefined;
  }

  get signal(): AbortSignal | null | undefined {
    return this.#init?.signal;
  }

  /** Makes the body the bytes that are sent, before anything is authorised: what is signed is what is sent, each time. */
  readBody(): Promise<void> | undefined {
    const { body } = this;
    if (body === undefined) return this.#request?.body ? this.#read(this.#request) : undefined;
    if (!isMutable(body)) return undefined;
    const serialised = new Response(ownForm(body) ?? body);
    const type = serialised.headers.get('content-type');
    const headers = new Headers(this.headers);
    // The boundary of these very bytes.
    if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
    this.headers = headers;
    return this.#read(serialised);
  }

  /** What an authority may read. A `Request` is made only if it asks for one. */
  outgoing(): Outgoing {
    return { method: this.method, url: this.url, clone: () => this.#clone() };
  }

  /** What the transport gets beside the URL. */
  initWith({ headers: credentials }: Authorization): RequestInit & { readonly method: string; headers: HeadersInit } {
    const { method, redirect, body } = this;
    const init = {
      ...this.#init,
      method,
      headers: this.#headersWith(credentials),
      redirect: redirect === 'follow' ? ('manual' as const) : redirect,
    };
    // Also instead of what a getter answers the second time.
    return body === undefined && init.body === undefined ? init : { ...init, body: body ?? null };
  }

  /** Ends with the caller's signal, whatever the work does. */
  wait<T>(work: T | Promise<T>): Promise<T> {
    return abortable(work, this.signal);
  }

  #clone(): Request {
    const { url, method, headers = [], body = null } = this;
    if (!isOneShot(body)) return new Request(url, { method, headers, body });
    // What is not a stream becomes one in a `Response`, which the types do not know.
    const [sent, read = null] = new Response(body as ReadableStream).body?.tee() ?? [];
    this.body = sent;
    const init: RequestInit & { duplex: 'half' } = { method, headers, body: read, duplex: 'half' };
    return new Request(url, init);
  }

  async #read(source: Request | Response): Promise<void> {
    this.body = await this.wait(source.arrayBuffer());
  }

  #headersWith(credentials: Authorization['headers']): HeadersInit {
    if (this.headers === undefined) return credentials;
    const headers = new Headers(this.headers);
    for (const [name, value] of Object.entries(credentials)) {
      // What the caller accepts (a PDF) has nothing to do with credentials.
      if (name !== 'accept' || !headers.has(name)) headers.set(name, value);
    }
    return headers;
  }
}

/** Whether a body can be read only once: a stream, or what Node takes in place of one. */
export const isOneShot = (body: unknown): body is OneShot =>
  typeof body === 'object' && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);

/** Not by `instanceof`: polyfills and other realms have their own copy of the class. */
export const isRequest = (input: unknown): input is Request =>
  typeof input === 'object' && input !== null && 'clone' in input && 'url' in input;

/** Normalises as the fetch standard does, so that what is signed is what is sent. */
const normalized = (method: string): string => (/^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method);

/** What `fetch` takes from a `Request`, beside what each send sets. Defaults stay out, because some runtimes refuse what they lack. */
const membersOf = (request: Request): RequestInit => {
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy, signal } = request;
  const members: RequestInit = {};
  if (signal) members.signal = signal;
  if (cache && cache !== 'default') members.cache = cache;
  if (credentials && credentials !== 'same-origin') members.credentials = credentials;
  if (integrity) members.integrity = integrity;
  if (keepalive) members.keepalive = keepalive;
  // A page that the browser itself asked for: `fetch` takes its `mode` for this one.
  if (mode && mode !== 'cors') members.mode = mode === 'navigate' ? 'same-origin' : mode;
  if (referrer !== undefined && referrer !== 'about:client') members.referrer = referrer;
  if (referrerPolicy) members.referrerPolicy = referrerPolicy;
  // Of Cloudflare's workers.
  return 'cf' in request && request.cf ? Object.assign(members, { cf: request.cf }) : members;
};

/** What is left out says nothing, and so does `undefined`. `null` does: it detaches the signal. */
const definedOf = (init: RequestInit | undefined): RequestInit | undefined =>
  init && Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));

/** As they are now: what is authorised is what is sent. Takes `Headers` of another copy of the class too: npm's undici has one. */
const copyOf = (headers: HeadersInit | undefined): Headers | undefined => (headers ? new Headers(headers) : undefined);

/** Whether a body could be different the next time: all but texts, blobs, and what can be read only once. */
const isMutable = (body: BodyInit | null): boolean =>
  body !== null && typeof body !== 'string' && !isOneShot(body) && !/^(?:Blob|File)$/.test(tagOf(body));

/** A copy of a form of another copy of the class: npm's undici has one, and a `Response` would not know it. */
const ownForm = (body: BodyInit | null): FormData | undefined => {
  if (tagOf(body) !== 'FormData' || body instanceof FormData) return undefined;
  const form = new FormData();
  for (const [name, value] of body as unknown as Iterable<[string, string | Blob]>) form.append(name, value);
  return form;
};

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
