// What the examples of doc comments and of packages' READMEs may use without a declaration. Guides declare everything themselves.
// `modules.ts` reads the names here: one property a line, in `Everywhere` or in the interface of the package.

/** A vendor that somebody is writing a package for. */
type AcmeProvider = import('@auth/core').AuthProvider<'users'> & {
  readonly id: 'acme';
  readonly asUser: (userId: string) => import('@auth/core').TokenAuthority;
};

interface AcmeOptions {
  clientId: string;
  clientSecret: string;
}

interface AcmeFake extends AcmeOptions {
  fetch: import('@auth/core').Fetch;
  endTokens: () => void;
}

/** What a product has, in some form of its own. */
interface Everywhere {
  userId: string;
  clientId: string;
  clientSecret: string;
  manageToken: string;
  domain: string;
  password: string;
  partnerId: string;
  partnerSecret: string;
  appKey: string;
  request: Request;
  rawBody: string;
  callbackUrl: string;
  connectionId: string;
  code: string;
  oldToken: string;
  store: import('@auth/core').Store;
  tenant: string;
  clock: import('@auth/core').Clock;
  logger: { warn: (message: string) => void };
  browserSession: {
    set: (key: string, session: import('@auth/core').ConnectSession) => Promise<void>;
    get: (key: string) => Promise<import('@auth/core').ConnectSession>;
  };
  database: { save: (row: object) => Promise<void> };
  redirect: (url: string) => Response;
  readFile: typeof import('node:fs/promises').readFile;
  setTimeout: typeof import('node:timers/promises').setTimeout;
  createClient: typeof import('redis').createClient;
  ky: typeof import('ky').default;
  test: (name: string, run: () => void | Promise<void>) => void;
}

interface OfCore {
  provider: import('@auth/core').AuthProvider<import('@auth/core').Capability>;
  account: string;
  api: {
    createToken: (credentials: unknown) => Promise<{ token: string }>;
    getUser: (id: string, options: object) => Promise<import('@auth/core').User>;
  };
  credentials: unknown;
  as: import('@auth/core').Token;
  redirectUri: string;
  url: string;
  baseUrl: string;
  transport: import('@auth/core').Fetch;
  headersOf: import('@auth/core/kit').HttpOptions['headersOf'];
  explain: import('@auth/core/kit').HttpOptions['explain'];
  json: () => Record<string, string>;
  parseToken: (input: unknown) => { token: string };
  requestToken: (signal: AbortSignal) => Promise<{ value: string; seconds: number }>;
  renew: (userId: string, signal: AbortSignal) => Promise<import('@auth/core').Token>;
  createUser: (secret: string) => Promise<string>;
  source: import('@auth/core').TokenSource;
  vendor: import('@auth/core/kit').Vendor;
  secret: string;
  hashOf: (secret: string) => string;
  CLIENT_SECRET: { provider: string; option: string };
  API_KEY: { provider: string; option: string };
  fields: readonly import('@auth/core').Field[];
  schema: import('@auth/core').OptionsSchema;
  create: (options: AcmeOptions) => AcmeProvider;
  apiKey: import('@auth/core/kit').SecretSource;
  page: (message: string) => Promise<void>;
  retryLater: (milliseconds: number | undefined) => Promise<void>;
}

interface OfFinicity {
  provider: import('@auth/finicity').FinicityProvider;
  customerId: string;
  previousSecret: string;
  vault: import('@auth/core').SecretVault & { read: (name?: string) => Promise<never> };
}

interface OfBudgea {
  provider: import('@auth/budgea').BudgeaProviderWithApplication;
  webhookKey: string;
}

interface OfSandbox {
  sandbox: import('@auth/sandbox').FinicitySandbox;
}

interface OfConformance {
  acme: (options: AcmeOptions) => AcmeProvider;
  acmeFake: (options: { clock: import('@auth/core').Clock }) => AcmeFake;
}
