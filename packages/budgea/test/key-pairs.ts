/**
 * Making the key pairs of the emulators' JWTs takes most of the time of these tests. Four are made in each file and handed out in turn:
 * each sandbox has two issuers, so one cannot pass for the other.
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
