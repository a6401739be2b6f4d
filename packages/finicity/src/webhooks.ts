import type { Clock, SecretVault } from '@auth/core';
import { asOperation, objectArgument } from '@auth/core/kit';
import { fail } from './errors.ts';
import type { PartnerSecret } from './partner-secret.ts';
import { openVault } from './vault.ts';

/** Headers as a server has them: the standard `Headers`, or an object with names in any case. */
export type WebhookHeaders = Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Events that Finicity's Connect sends, signed with the partner secret. */
export interface FinicityWebhooks {
  /**
   * The secrets that may have signed an event: the secret from the options, and those that this process has seen in use within the last 30
   * days. With a `vault`, also the secrets that it holds, so that a process that was started during a rotation knows both.
   */
  readonly secrets: (options?: { readonly vault?: SecretVault | undefined }) => Promise<readonly string[]>;
  /**
   * Whether the vendor signed this event. `X-Finicity-Signature` is the hexadecimal HMAC-SHA256 of the body as it was received, so read the
   * body before anything parses it. Compares in constant time. Resolves to `false` for anything a stranger sends. Rejects only if the
   * headers are left out, or if the partner secret cannot be read; answer 503 then, so that the event comes again.
   *
   * Events may come more than once: remember their `eventId`.
   *
   * @example
   * ```ts
   * if (!(await provider.webhooks.verify(await request.text(), request.headers))) return new Response(null, { status: 401 });
   * ```
   * @example
   * ```ts
   * const secrets = [...(await provider.webhooks.secrets()), previousSecret];
   * const isGenuine = await provider.webhooks.verify(rawBody, request.headers, { secrets });
   * ```
   */
  readonly verify: (
    rawBody: string | Uint8Array,
    headers: WebhookHeaders,
    options?: { readonly secrets?: readonly string[] | undefined },
  ) => Promise<boolean>;
}

/** What the capability works with. */
export interface WebhooksOptions {
  readonly partnerSecret: PartnerSecret;
  readonly clock: Clock;
}

const SIGNATURE = 'x-finicity-signature';

/** Verifies events by the partner secret, which may change. */
export const createWebhooks = ({ partnerSecret, clock }: WebhooksOptions): FinicityWebhooks => {
  const secrets: FinicityWebhooks['secrets'] = ({ vault } = {}) =>
    asOperation('webhooks.secrets', async () => {
      const inVault = vault && (await openVault(vault, 'webhooks.secrets', clock).read());
      const current = await partnerSecret.read();
      return [...new Set([current, ...partnerSecret.recent(), ...(inVault ? [inVault.current, inVault.pending ?? current] : [])])];
    });

  return {
    secrets,
    verify: (rawBody, headers, { secrets: given } = {}) =>
      asOperation('webhooks.verify', async () => {
        const signature = signatureIn(objectArgument(headers, 'webhooks.verify(rawBody, request.headers)', fail));
        if (signature === undefined || !(typeof rawBody === 'string' || ArrayBuffer.isView(rawBody))) return false;
        const body = typeof rawBody === 'string' ? new TextEncoder().encode(rawBody) : new Uint8Array(rawBody);
        const candidates = (given ?? (await secrets())).filter((secret) => secret !== '');
        const verdicts = await Promise.all(candidates.map((secret) => isSignedWith(secret, signature, body)));
        return verdicts.includes(true);
      }),
  };
};

/** The bytes of the signature. Finicity sends exactly one, so two are refused, even if they are equal. */
const signatureIn = (headers: WebhookHeaders): Uint8Array<ArrayBuffer> | undefined => {
  const [hex, ...others] = valuesIn(headers);
  if (hex === undefined || others.length > 0 || !/^[0-9a-f]{64}$/i.test(hex)) return undefined;
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
};

const valuesIn = (headers: WebhookHeaders): readonly string[] => {
  if (typeof headers.get === 'function') return [headers.get(SIGNATURE) ?? ''];
  return Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === SIGNATURE)
    .flatMap(([, value]) => value ?? []);
};

const isSignedWith = async (secret: string, signature: Uint8Array<ArrayBuffer>, body: Uint8Array<ArrayBuffer>): Promise<boolean> => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm.name, key, signature, body);
};
