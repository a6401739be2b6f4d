// A provider of the product's own, its tests, and both emulators.
import { type Check, type Fake, type ProviderFixture, providerContract, storeContract } from '@auth/conformance';
import {
  type AuthProvider,
  createRegistry,
  type Fetch,
  managed,
  memoryStore,
  type ProviderPlugin,
  type ProviderRuntime,
  type Token,
} from '@auth/core';
import {
  createHttp,
  definePlugin,
  type HttpOptions,
  type ManagedAuthority,
  optionsSchema,
  runtimeFetch,
  secretOption,
  tokenAuthority,
} from '@auth/core/kit';
import { type FakeClock, fakeClock, type ScriptedSource, scriptedSource } from '@auth/core/testing';
import { type BudgeaSandbox, budgeaSandbox, finicitySandbox, type Listening } from '@auth/sandbox';

/** What the vendor wants to know. */
export interface AcmeOptions extends ProviderRuntime {
  readonly clientSecret: string;
}

/** The vendor. */
export interface AcmeProvider extends AuthProvider<'application'> {
  readonly id: 'acme';
  readonly application: ManagedAuthority;
  readonly asUser: (userId: string) => ManagedAuthority;
}

const BASE_URL = 'https://api.acme.example/';

const create = ({ clientSecret, fetch = runtimeFetch }: AcmeOptions): AcmeProvider => {
  const headersOf = ({ value }: Token) => ({ authorization: `Bearer ${value}` });
  const explain: HttpOptions['explain'] = ({ status }) => ({ code: 'unavailable', message: `${status}` });
  const http = createHttp({
    provider: 'acme',
    baseUrl: BASE_URL,
    fetch,
    headersOf,
    explain,
  });
  const tokens = managed({
    token: async ({ signal }) => {
      const { data } = await http
        .request({ operation: 'token', method: 'POST', path: 'token', json: () => ({ clientSecret }), parse: String, signal })
        .withResponse();
      return { value: data, issuedAt: 0, expiresAt: null };
    },
  });
  const application = tokenAuthority({
    provider: 'acme',
    baseUrl: BASE_URL,
    transport: fetch,
    tokens,
    headersOf,
    explain,
    isTokenRefused: async () => true,
  });
  const { reset, [Symbol.asyncDispose]: dispose } = tokens;
  return { id: 'acme', contract: 1, baseUrl: BASE_URL, application, asUser: () => application, reset, [Symbol.asyncDispose]: dispose };
};

export const acmePlugin: ProviderPlugin<'acme', AcmeOptions, AcmeProvider> = definePlugin({
  id: 'acme',
  fields: [{ name: 'clientSecret', variable: 'ACME_CLIENT_SECRET', label: 'Secret', secret: true, required: true, choices: [] }],
  schema: optionsSchema({ clientSecret: secretOption }),
  create,
});

export const id: 'acme' = createRegistry([acmePlugin]).create({ provider: 'acme', options: { clientSecret: 's' } }).id;

interface AcmeFake extends Fake {
  readonly clientSecret: string;
}

export const checksOf = (
  fake: (clock: FakeClock) => AcmeFake,
  rest: Omit<ProviderFixture<AcmeProvider, AcmeFake>, 'open'>,
): readonly Check[] =>
  // @ts-expect-error: a fixture whose parts were taken apart is none.
  providerContract<AcmeProvider, AcmeFake>({ ...rest, open: 1 }).concat(providerContract({ ...rest, open: fake }));

export const checksOfStore: readonly Check[] = storeContract({
  create: () => memoryStore(),
  elapse: () => {},
  restart: 'lives in one process',
  unreachable: 'lives in one process',
});

export const tried: ScriptedSource = scriptedSource([
  new Error('once'),
  ({ refreshToken }) => ({ value: refreshToken ?? '', issuedAt: 0, expiresAt: null }),
]);

export const emulated = async (): Promise<Fetch> => {
  const clock = fakeClock({ now: 0 });
  await clock.advance(1);
  const budgea: BudgeaSandbox = budgeaSandbox({ clock });
  const { url, close }: Listening = await finicitySandbox({ observe: ({ method }) => method }).listen({ port: 0 });
  const variables: Record<string, string> = budgea.environment(url);
  await close();
  return Object.keys(variables).length > 0 ? budgea.fetch : fetch;
};
