import type { Authority, Authorization, Fetch, Outgoing, RetryReason } from './authority.ts';
import { AuthError } from './errors.ts';
import { checkIntegrity } from './integrity.ts';
import { formOf, isOneShot, snapshotOf, teed, withFields } from './request-body.ts';
import { abortable } from './wait.ts';

/** The fetch standard's limit. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What all calls of one authorised fetch share. */
export interface CallPlan {
  readonly authority: Authority;
  readonly transport: Fetch;
  readonly throwHttpErrors: boolean;
  /** The absolute URL of a text, seen from another URL. Throws unless it is on the authority's origin. */
  readonly checked: (text: string, from: string) => string;
  /** The absolute URL of what a caller passes. Throws unless it is on the authority's origin. */
  readonly resolved: (input: string) => string;
}

interface Exchange {
  readonly response: Response;
  readonly sent: Authorization;
}

/** One call: its request, as it is after the redirects and repetitions so far. The transport gets nothing but what was checked here. */
export class AuthorizedCall {
  readonly #plan: CallPlan;
  /** A request to take apart. Also keeps it alive: the signal of a `Request` that was collected never aborts. */
  readonly #request: Request | undefined;
  readonly #init: RequestInit | undefined;
  readonly #redirect: RequestRedirect;
  readonly #integrity: string | undefined;
  #url: string;
  #method: string;
  #headers: HeadersInit | undefined;
  #body: BodyInit | null | undefined;
  #hops = 0;
  #repeatedFor: Set<RetryReason> | undefined;

  constructor(plan: CallPlan, input: string | URL | Request, given: RequestInit | undefined) {
    const source = isRequest(input) ? input : undefined;
    // A `Request` may be passed as `init` too; it then has everything but the URL.
    const request = isRequest(given) ? given : source;
    const init = request === given ? undefined : given;
    this.#plan = plan;
    this.#request = request;
    this.#init = request ? { ...membersOf(request), ...definedOf(init) } : init && { ...init };
    this.#redirect = init?.redirect ?? request?.redirect ?? 'follow';
    // The runtime would check the answers that are followed or repeated, too.
    if (this.#init?.integrity && this.#redirect === 'follow') ({ integrity: this.#integrity, ...this.#init } = this.#init);
    // Read once. This text is sent, whatever else the object says.
    this.#url = plan.resolved(source ? source.url : String(input));
    this.#method = normalized(init?.method ?? request?.method ?? 'GET');
    this.#headers = copyOf(init?.headers ?? request?.headers);
    this.#body = init?.body;
  }

  async run(): Promise<Response> {
    if (this.#body !== undefined || this.#request?.body) await this.#readBody();
    for (;;) {
      const { response, sent } = await this.#exchange();
      const { ok, status } = response;
      const location = REDIRECTS.has(status) && this.#redirect === 'follow' ? response.headers.get('location') : null;
      if (location !== null) this.#follow(response, location);
      // The answer to a repeated request tells whether what was renewed helps.
      else if ((ok && !this.#repeatedFor) || isRedirect(response) || !(await this.#mayRepeat(response, sent))) return this.#end(response);
    }
  }

  /** Once, before anything is authorised: what is signed is what is sent, each time. */
  async #readBody(): Promise<void> {
    const body = this.#body;
    const form = formOf(body);
    if (body === undefined) this.#body = await this.#wait(this.#request?.arrayBuffer());
    else if (form) {
      const serialised = new Response(form);
      this.#headers = new Headers(this.#headers);
      // The boundary of these very bytes.
      if (!this.#headers.has('content-type')) this.#headers.set('content-type', serialised.headers.get('content-type') ?? '');
      this.#body = await this.#wait(serialised.arrayBuffer());
    } else this.#body = snapshotOf(body);
  }

  async #exchange(): Promise<Exchange> {
    const { authority, transport } = this.#plan;
    const signal = this.#init?.signal;
    if (signal?.aborted) throw signal.reason;
    let sent: Authorization;
    try {
      sent = await authority.authorize(this.#outgoing(), signal ? { signal } : undefined);
    } catch (error) {
      // A fetch rejects with the signal's own reason.
      throw AuthError.is(error, 'aborted') && signal?.aborted ? signal.reason : error;
    }
    const init = { ...this.#init, method: this.#method, headers: this.#headersWith(sent), redirect: this.#redirect };
    if (init.redirect === 'follow') init.redirect = 'manual';
    // Also instead of what a getter answers the second time.
    if (this.#body !== undefined || init.body !== undefined) init.body = this.#body ?? null;
    if (sent.bodyFields) Object.assign(init, await withFields(init, sent.bodyFields));
    let response: Response;
    try {
      response = await transport(this.#url, init);
    } catch (error) {
      throw await this.#failure(error, sent);
    }
    if (response.redirected) {
      discard(response);
      throw refusal('misconfigured', FOLLOWED);
    }
    return { response, sent };
  }

  /** What an authority may read. A `Request` is made only if it asks for one. */
  #outgoing(): Outgoing {
    return { method: this.#method, url: this.#url, clone: () => this.#clone() };
  }

  #clone(): Request {
    const init: RequestInit & { duplex?: 'half' } = { method: this.#method, headers: this.#headers ?? [] };
    if (isOneShot(this.#body)) {
      [this.#body, init.body] = teed(this.#body);
      init.duplex = 'half';
    } else init.body = this.#body ?? null;
    return new Request(this.#url, init);
  }

  #headersWith({ headers: credentials }: Authorization): HeadersInit {
    if (this.#headers === undefined) return credentials;
    const headers = new Headers(this.#headers);
    for (const [name, value] of Object.entries(credentials)) {
      // What the caller accepts (a PDF) has nothing to do with credentials.
      if (name !== 'accept' || !headers.has(name)) headers.set(name, value);
    }
    return headers;
  }

  /** Node up to 24.14 rejects when a streamed body is answered with 401, so nobody else learns that the token was refused. */
  async #failure(error: unknown, sent: Authorization): Promise<unknown> {
    if (!isOneShot(this.#body) || !isHiddenRefusal(error)) return error;
    await this.#wait(this.#plan.authority.shouldRetry(Response.error(), sent));
    return refusal('invalid_token', HIDDEN);
  }

  async #mayRepeat(response: Response, sent: Authorization): Promise<boolean> {
    const reason = await this.#wait(this.#plan.authority.shouldRetry(response, sent));
    if (!reason || response.ok || this.#repeatedFor?.has(reason) || isOneShot(this.#body)) return false;
    this.#repeatedFor ??= new Set();
    this.#repeatedFor.add(reason);
    discard(response);
    return true;
  }

  #follow(response: Response, location: string): void {
    discard(response);
    this.#hops += 1;
    if (this.#hops > MOST_REDIRECTS) throw new TypeError(`More than ${MOST_REDIRECTS} redirects.`);
    this.#url = this.#plan.checked(utf8Of(location), this.#url);
    const { status } = response;
    const isPost = this.#method === 'POST';
    if (status === 303 ? this.#method !== 'GET' && this.#method !== 'HEAD' : status <= 302 && isPost) {
      this.#method = 'GET';
      this.#body = this.#body === undefined ? undefined : null;
      const kept = [...new Headers(this.#headers)].filter(([name]) => !name.startsWith('content-'));
      this.#headers = this.#headers && kept;
    } else if (isOneShot(this.#body)) throw new TypeError('A redirect cannot resend a stream. Buffer the body.');
  }

  async #end(response: Response): Promise<Response> {
    // Each hop was a request of its own, so the runtime does not know.
    if (this.#hops > 0) Object.defineProperty(response, 'redirected', { value: true });
    if (this.#integrity) await this.#wait(checkIntegrity(response, this.#integrity));
    if (response.ok || !this.#plan.throwHttpErrors || this.#isWanted(response)) return response;
    try {
      throw await this.#wait(this.#plan.authority.errorOf(response));
    } finally {
      discard(response);
    }
  }

  /** A redirect that the caller asked to see, or that a browser does not let us follow. */
  #isWanted(response: Response): boolean {
    return isRedirect(response) && (this.#redirect === 'manual' || response.status === 0);
  }

  /** Ends with the caller's signal, whatever the work does. */
  #wait<T>(work: T | Promise<T>): Promise<T> {
    return abortable(work, this.#init?.signal);
  }
}

const FOLLOWED =
  'The fetch of the options followed a redirect by itself, so your credentials may have reached another host. ' +
  "Pass a fetch that honours redirect: 'manual', and consider the token leaked.";

const HIDDEN =
  'The vendor answered 401 to a streamed body, and this version of Node hides the answer. The token was given up if that can help: ' +
  'send the request again with a new stream. Buffer the body, or use Node 24.21 or later, to see the answer.';

/** Not by `instanceof`: polyfills and other realms have their own copy of the class. */
const isRequest = (input: unknown): input is Request => typeof input === 'object' && input !== null && 'clone' in input && 'url' in input;

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

/** As they are now: what is authorised is what is sent. */
const copyOf = (headers: HeadersInit | undefined): HeadersInit | undefined => {
  if (headers === undefined || headers instanceof Headers) return headers && new Headers(headers);
  return Array.isArray(headers) ? headers.map((entry) => [...entry] as [string, string]) : { ...headers };
};

/** What is left out says nothing, and so does `undefined`. `null` does: it detaches the signal. */
const definedOf = (init: RequestInit | undefined): RequestInit | undefined =>
  init && Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));

/** Headers are read as Latin-1, where servers write addresses in UTF-8. */
const utf8Of = (location: string): string => {
  if (!/[\x80-\xff]/.test(location) || /[\u0100-\uffff]/.test(location)) return location;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(location, (one) => one.charCodeAt(0)));
  } catch {
    return location;
  }
};

/** Browsers show that there was one, and nothing of it. */
const isRedirect = ({ status, type }: Response): boolean => REDIRECTS.has(status) || (status === 0 && type === 'opaqueredirect');

/** Releases the connection. Not awaited, because that would never settle while a clone is unread. */
const discard = (response: Response): void => {
  response.body?.cancel().catch(() => {});
};

/** Not by `instanceof`: a test runner has errors of its own. */
const isHiddenRefusal = (error: unknown): boolean => Object(Object(error).cause).message === 'expected non-null body source';

const refusal = (code: 'misconfigured' | 'invalid_token', message: string): AuthError =>
  new AuthError(message, { code, provider: 'core', operation: 'authorizedFetch' });
