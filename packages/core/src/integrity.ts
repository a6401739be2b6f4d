/** An expectation as a page writes it: `sha384-…`, with options that nobody has defined yet. */
const EXPECTED = /^sha(256|384|512)-([A-Za-z0-9+/_-]+)={0,2}(?:\?.*)?$/i;

/**
 * Rejects as `fetch` does if the body of this answer is not the one that `integrity` expects. Reads a clone.
 * @see https://www.w3.org/TR/sri-2/#does-response-match-metadatalist
 */
export const checkIntegrity = async (response: Response, integrity: string): Promise<void> => {
  const expected = integrity.split(/\s+/).flatMap((text) => {
    const [, bits, digest] = EXPECTED.exec(text) ?? [];
    return bits === undefined || digest === undefined ? [] : [{ bits: Number(bits), digest: standard(digest) }];
  });
  if (expected.length === 0) return;
  const strongest = Math.max(...expected.map(({ bits }) => bits));
  const digest = await crypto.subtle.digest(`SHA-${strongest}`, await response.clone().arrayBuffer());
  const actual = standard(btoa(String.fromCharCode(...new Uint8Array(digest))));
  if (expected.some((one) => one.bits === strongest && one.digest === actual)) return;
  response.body?.cancel().catch(() => {});
  throw new TypeError('The answer is not the one that integrity expects.');
};

/** Base64 has two alphabets, and an end that may be left out. */
const standard = (base64: string): string => base64.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
