import type { Clock } from '@auth/core';
import { expiringMap } from '../expiring-map.ts';

/** As in every published example. */
const LIFETIME = 2 * 60 * 60_000;
/** Used links that are remembered. No source names a limit. */
const USED_LIMIT = 10_000;
/** Where the page is, on the host that the link was asked of. The vendor's is on a host of its own. */
export const CONNECT_PATH = '/connect';

/** What is wrong with a link. */
export type BadLink = 'tampered' | 'expired' | 'used';

/** Makes and checks links to the page. */
export interface ConnectLinks {
  /** A link with these parameters, signed and good for two hours. */
  readonly create: (origin: string, parameters: Readonly<Record<string, string>>) => Promise<string>;
  readonly check: (query: URLSearchParams) => Promise<BadLink | 'good'>;
  /** A session ends well; a link for single use is worth nothing from now on. Whether it still was good: visits can overlap. */
  readonly use: (query: URLSearchParams) => boolean;
  readonly reset: () => void;
}

/** Links are not stored: what they say is signed. Only those that were used up are remembered. */
export const connectLinks = ({ clock, secret }: { readonly clock: Clock; readonly secret: string }): ConnectLinks => {
  const used = expiringMap<true>({ clock, limit: USED_LIMIT });
  let lastTimestamp = 0;
  let key: Promise<CryptoKey> | undefined;

  const sign = async (query: URLSearchParams): Promise<string> => {
    key ??= crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const signature = await crypto.subtle.sign('HMAC', await key, utf8(signedPart(query)));
    return Array.from(new Uint8Array(signature), (byte) => byte.toString(16).padStart(2, '0')).join('');
  };

  return {
    create: async (origin, parameters) => {
      // Two links that say the same would have one signature, and the use of one would be that of the other.
      lastTimestamp = Math.max(Math.floor(clock.now()), lastTimestamp + 1);
      const query = new URLSearchParams({ ...parameters, timestamp: String(lastTimestamp), ttl: String(lastTimestamp + LIFETIME) });
      query.set('signature', await sign(query));
      query.sort();
      return `${origin}${CONNECT_PATH}?${query}`;
    },
    check: async (query) => {
      const signature = query.get('signature') ?? '';
      if (signature !== (await sign(query))) return 'tampered';
      if (clock.now() >= Number(query.get('ttl'))) return 'expired';
      return used.get(signature) ? 'used' : 'good';
    },
    use: (query) => {
      if (query.get('singleUseUrl') !== 'true') return true;
      const signature = query.get('signature') ?? '';
      if (used.get(signature)) return false;
      // From then on the link has expired.
      used.set(signature, true, Number(query.get('ttl')));
      return true;
    },
    reset: () => {
      used.clear();
      lastTimestamp = 0;
    },
  };
};

/** Everything but the signature, and but the parameter that presses a button. */
const signedPart = (query: URLSearchParams): string => {
  const signed = new URLSearchParams([...query].filter(([name]) => name !== 'signature' && name !== 'auto'));
  signed.sort();
  return signed.toString();
};

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
