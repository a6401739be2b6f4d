import type { EngineContext } from '../context.ts';
import { base64url } from '../hash.ts';
import type { Entries, RecordFormat } from './entries.ts';

/** How long a process goes by its own salt before it looks into the store again, in milliseconds. */
const PAUSE = 30_000;

/** A look that has not come to an end by then is not joined: it may belong to a request of a worker that is over. In milliseconds. */
const LONGEST_LOOK = 5_000;

/** How a salt is written: for ever, because names last as long as it does. */
export const saltFormat: RecordFormat<string | null> = {
  absent: () => null,
  life: () => Number.POSITIVE_INFINITY,
  encode: (salt) => [salt],
  decode: ([salt]) => (typeof salt === 'string' && salt !== '' ? salt : undefined),
};

/** Keys in the store: of the salt, and of a subject. */
export interface NameKeys {
  readonly salt: string;
  readonly keyOf: (id: string) => Promise<string>;
}

/**
 * Names subjects in events and status: by a hash under a random salt, so that nobody finds an id by trying them all. The salt of an account is
 * in its store, made by whoever needs it first, so the names are the same in all processes and after a restart. While the store is down, the
 * names are this process's own.
 */
export class Names {
  readonly #context: EngineContext;
  readonly #entries: Entries<string | null>;
  readonly #keys: NameKeys;
  readonly #own = base64url(crypto.getRandomValues(new Uint8Array(32)));
  /** What names are made with until then, in monotonic milliseconds. */
  #known: { readonly key: Promise<CryptoKey>; readonly until: number } | undefined;

  constructor(context: EngineContext, entries: Entries<string | null>, keys: NameKeys) {
    this.#context = context;
    this.#entries = entries;
    this.#keys = keys;
  }

  /** Never rejects. */
  async of(id: string): Promise<string> {
    const text = await this.#keys.keyOf(id);
    return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', await this.#key(), bytesOf(text))));
  }

  #key(): Promise<CryptoKey> {
    if (this.#known && this.#context.timing.clock.monotonic() < this.#known.until) return this.#known.key;
    const looked = this.#stored().then(
      (salt) => this.#goBy(keyOf(salt), Number.POSITIVE_INFINITY),
      () => this.#goByOwn(),
    );
    return this.#goBy(looked, LONGEST_LOOK);
  }

  #goByOwn(): Promise<CryptoKey> {
    return this.#goBy(keyOf(this.#own), PAUSE);
  }

  #goBy(key: Promise<CryptoKey>, milliseconds: number): Promise<CryptoKey> {
    this.#known = { key, until: this.#context.timing.clock.monotonic() + milliseconds };
    return key;
  }

  /** The salt that the store has; this process's own, if it has none yet. */
  async #stored(): Promise<string> {
    return (await this.#entries.change(this.#keys.salt, (there) => (there === null ? this.#own : undefined))) ?? this.#own;
  }
}

const keyOf = (salt: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytesOf(salt), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
