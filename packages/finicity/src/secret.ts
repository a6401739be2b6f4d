import { AuthError, type CallOptions, type Secret, type SecretVault } from '@auth/core';
import type { FinicityApi } from './api.ts';

/** Rotation of the partner secret. */
export interface FinicitySecret extends Secret {
  /**
   * Changes the partner secret so that a crash at any point loses nothing: the next secret is in the vault as pending
   * before Finicity hears of it. Rejects with `outcome_unknown` when the answer was lost; then call `recover`.
   *
   * `keepOldFor30Days` defaults to `true`: both secrets work meanwhile, so running processes go on. With `false` each of
   * them may burn one of five attempts between the change and the promotion.
   *
   * @example
   * ```ts
   * await provider.secret.rotate({ vault });
   * ```
   */
  readonly rotate: (options: RotateOptions) => Promise<void>;
}

/** How to rotate. */
export interface RotateOptions extends CallOptions {
  readonly vault: SecretVault;
  /** Generated if left out: 32 characters from 64. */
  readonly next?: string | undefined;
  readonly keepOldFor30Days?: boolean | undefined;
}

/** The facet, over the operations of one partner. */
export const createSecret = (api: FinicityApi, partnerId: string): FinicitySecret => ({
  rotate: async ({ vault, next = generateSecret(), keepOldFor30Days = true, signal }) => {
    const broken = brokenRules(next);
    if (broken.length > 0) throw refusal('invalid_request', `The next secret ${broken.join(', ')}. Leave it out to have one generated.`);
    const { current, pending } = await vault.read();
    if (pending !== null)
      throw refusal('conflict', 'A rotation was interrupted: the vault holds a pending secret. Call secret.recover({ vault }) first.');
    await vault.write({ current, pending: next });
    try {
      await api.modifyPartnerSecret(
        { partnerId, partnerSecret: current, newPartnerSecret: next, immediate: !keepOldFor30Days },
        { signal },
      );
    } catch (error) {
      // A clear refusal changed nothing. After anything else the pending secret may be the one that works.
      if (AuthError.is(error) && isClear(error)) await vault.write({ current, pending: null });
      throw error;
    }
    await vault.write({ current: next, pending: null });
  },
  recover: async ({ vault, signal }) => {
    const { current, pending } = await vault.read();
    if (pending === null) return;
    try {
      await api.createToken({ partnerId, partnerSecret: pending }, { signal });
    } catch (error) {
      if (!isWrongSecret(error)) throw error;
      await vault.write({ current, pending: null });
      return;
    }
    await vault.write({ current: pending, pending: null });
  },
});

/** Whether the vendor, or the network before it, said no. A timeout, also one that the vendor reports (408), says nothing. */
const isClear = ({ code, status }: AuthError): boolean =>
  code === 'locked' || (code !== 'outcome_unknown' && code !== 'timeout' && (status === undefined || status < 500));

/** Only this proves that the pending secret never took effect; a wrong partner ID or app key says nothing about it. */
const isWrongSecret = (error: unknown): boolean => AuthError.is(error, 'invalid_credentials') && error.vendorCode === '10001';

/** The policy of the vendor, rule by rule; empty when all are kept. */
const brokenRules = (secret: string): readonly string[] =>
  [
    { kept: secret.length >= 12 && secret.length <= 255, rule: 'must have 12 to 255 characters' },
    { kept: /^[A-Za-z0-9!@#$%&*_+-]*$/.test(secret), rule: 'may contain only letters, digits and !@#$%&*_-+' },
    { kept: /[A-Za-z]/.test(secret), rule: 'needs a letter' },
    { kept: /[0-9]/.test(secret), rule: 'needs a digit' },
  ].flatMap(({ kept, rule }) => (kept ? [] : [rule]));

/** 64 symbols, so that six bits of a random byte choose one without bias. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

const generateSecret = (): string => {
  for (;;) {
    const secret = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => ALPHABET[byte % 64]).join('');
    if (brokenRules(secret).length === 0) return secret;
  }
};

const refusal = (code: 'invalid_request' | 'conflict', message: string): AuthError =>
  new AuthError(message, { code, provider: 'finicity', operation: 'secret.rotate' });
