/** The vendor's policy for secrets and what is wrong with `next` by it, rule by rule; empty when all are kept. */
export const brokenRules = (next: string, current: string): readonly string[] =>
  [
    { kept: next.length >= 12 && next.length <= 255, rule: 'must have 12 to 255 characters' },
    { kept: /^[A-Za-z0-9!@#$%&*_+-]*$/.test(next), rule: 'may contain only letters, digits and !@#$%&*_-+' },
    { kept: /[A-Za-z]/.test(next), rule: 'needs a letter' },
    { kept: /[0-9]/.test(next), rule: 'needs a digit' },
    // Not the vendor's, but nothing would have been rotated.
    { kept: next !== current, rule: 'must differ from the current one' },
  ].flatMap(({ kept, rule }) => (kept ? [] : [rule]));

/** 64 symbols, so that six bits of a random byte choose one without bias. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** 32 of 64 characters: 192 random bits, by the policy. */
export const generateSecret = (): string => {
  for (;;) {
    const secret = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => ALPHABET[byte % 64]).join('');
    if (brokenRules(secret, '').length === 0) return secret;
  }
};
