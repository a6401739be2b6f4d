/** The rules of the vendor's policy for secrets that `next` breaks; empty if it keeps them all. */
export const brokenRules = (next: string, current: string): readonly string[] =>
  [
    { kept: next.length >= 12 && next.length <= 255, rule: 'must have 12 to 255 characters' },
    { kept: /^[A-Za-z0-9!@#$%&*_+-]*$/.test(next), rule: 'may contain only letters, digits and !@#$%&*_-+' },
    { kept: /[A-Za-z]/.test(next), rule: 'needs a letter' },
    { kept: /[0-9]/.test(next), rule: 'needs a digit' },
    // Not the vendor's rule, but otherwise nothing would be rotated.
    { kept: next !== current, rule: 'must differ from the current one' },
  ].flatMap(({ kept, rule }) => (kept ? [] : [rule]));

/** 64 symbols, so that six bits of a random byte choose one without bias. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** 32 characters from an alphabet of 64, in line with the policy: 192 random bits. */
export const generateSecret = (): string => {
  for (;;) {
    const secret = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => ALPHABET[byte % 64]).join('');
    if (brokenRules(secret, '').length === 0) return secret;
  }
};
