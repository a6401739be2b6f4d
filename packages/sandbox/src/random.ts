/** Numbers in [0, 1), like `Math.random`. */
export type Random = () => number;

const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A number without leading zero. */
export const digits = (random: Random, length: number): string => text(random, '123456789', 1) + text(random, '0123456789', length - 1);

/** So many hexadecimal digits. */
export const hexadecimals = (random: Random, length: number): string => text(random, '0123456789abcdef', length);

/** So many letters and digits. */
export const alphanumerics = (random: Random, length: number): string => text(random, ALPHANUMERICS, length);

/** So many bytes in standard base64, whose `+`, `/` and `=` have to be encoded in URLs and forms. */
export const base64 = (random: Random, bytes: number): string =>
  btoa(Array.from({ length: bytes }, () => String.fromCharCode(Math.floor(random() * 256))).join(''));

const text = (random: Random, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
