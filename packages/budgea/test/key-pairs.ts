/**
 * Making key pairs for the emulators' JWTs takes most of the time of these tests. Each file makes four and uses them in turn: a sandbox
 * has two issuers, so neither can pass for the other.
 */
const SO_MANY = 4;
const { subtle } = crypto;
const generate: (...parameters: Parameters<SubtleCrypto['generateKey']>) => Promise<CryptoKey | CryptoKeyPair> =
  subtle.generateKey.bind(subtle);
const made: ReturnType<typeof generate>[] = [];
let next = 0;

Object.defineProperty(subtle, 'generateKey', {
  value: (...parameters: Parameters<SubtleCrypto['generateKey']>) => {
    const [algorithm] = parameters;
    if (typeof algorithm === 'string' || algorithm.name !== 'RSASSA-PKCS1-v1_5') return generate(...parameters);
    next += 1;
    made[next % SO_MANY] ??= generate(...parameters);
    return made[next % SO_MANY];
  },
});
