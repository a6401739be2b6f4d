import { API_URL, requestToken, type Vendor } from '../vendor.ts';
import { cannot, type Peer } from './peer.ts';

/** As products write it: a field, an expiry with a minute in hand, one more try after a 401. No flight, guard or back-off. */
export class BankClient {
  readonly #vendor: Vendor;
  #token: string | undefined;
  #expiresAt = 0;

  constructor(vendor: Vendor) {
    this.#vendor = vendor;
  }

  async token(): Promise<string> {
    if (this.#token !== undefined && Date.now() < this.#expiresAt - 60_000) return this.#token;
    const { value, expiresAt } = await requestToken(this.#vendor);
    this.#token = value;
    this.#expiresAt = expiresAt;
    return value;
  }

  async get(url: string, isRepeated = false): Promise<Response> {
    const response = await this.#vendor.fetch(url, { headers: { authorization: `Bearer ${await this.token()}` } });
    if (response.status !== 401 || isRepeated) return response;
    this.#token = undefined;
    return this.get(url, true);
  }
}

export const handWritten: Peer = {
  name: 'hand-written',
  token: (vendor) => {
    const client = new BankClient(vendor);
    return () => client.token();
  },
  call: (vendor) => {
    const client = new BankClient(vendor);
    return async () => (await client.get(API_URL)).status;
  },
  subjects: {
    keep: (vendor) => {
      const kept = new Map<string, BankClient>();
      return (id) => {
        const client = new BankClient(vendor);
        kept.set(id, client);
        return client.token();
      };
    },
  },
  imported: cannot('it is part of the product'),
  typicalUse: { names: 'BankClient', from: import.meta.filename },
};
