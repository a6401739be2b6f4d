import { AuthError, type SecretVault } from '@auth/core';

/** What a vault holds. */
export interface VaultContent {
  readonly current: string;
  readonly pending: string | null;
}

/** A vault whose failures are `AuthError`s. What it threw is left out, as it may quote the secret that it was given. */
export interface OpenVault {
  /** Rejects with `unavailable`, and with `misconfigured` when there is no current secret in it. */
  readonly read: () => Promise<VaultContent>;
  /** Rejects with this code and advice. It may have been written all the same. */
  readonly write: (content: VaultContent, code: 'unavailable' | 'outcome_unknown', advice: string) => Promise<void>;
}

/** The product's vault, for one operation. */
export const openVault = (vault: SecretVault, operation: string): OpenVault => {
  const fail = (code: 'unavailable' | 'misconfigured' | 'outcome_unknown', message: string): AuthError =>
    new AuthError(message, { code, provider: 'finicity', operation });

  return {
    read: async () => {
      let content: Partial<VaultContent> | null;
      try {
        content = await vault.read();
      } catch (error) {
        throw fail('unavailable', `The vault could not be read: ${nameOf(error)}. Nothing was sent. Try again.`);
      }
      const { current, pending } = content ?? {};
      if (typeof current !== 'string' || current === '' || /\s/.test(current))
        throw fail(
          'misconfigured',
          'The vault holds no current secret, or one with a space or a line break. Nothing was sent. Put it right.',
        );
      // A column or a field without content is as good as null.
      return { current, pending: typeof pending === 'string' && pending !== '' ? pending : null };
    },
    write: async (content, code, advice) => {
      try {
        await vault.write(content);
      } catch (error) {
        throw fail(code, `The vault could not be written: ${nameOf(error)}. ${advice}`);
      }
    },
  };
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
