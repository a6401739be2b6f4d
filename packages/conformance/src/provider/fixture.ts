import type {
  AuthErrorCode,
  AuthEvent,
  AuthProvider,
  Capabilities,
  Capability,
  Clock,
  ConnectSession,
  Fetch,
  Store,
  TokenAuthority,
} from '@auth/core';

/** A vendor's fake: whatever answers in its place, a sandbox or twenty lines. Its state is its own. */
export interface Fake {
  /** Answers every request, and honours its signal. */
  readonly fetch: Fetch;
}

/** What each provider under check has to be made with. */
export interface CheckedRuntime {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly store: Store;
  /** Whose credentials these are: the option of every provider. */
  readonly tenant?: string | undefined;
  /** Notes what the engine reports; events are checked too. */
  readonly observe: (event: AuthEvent) => void;
  /** Given in the check that the engine is told of it. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** A request that was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** Of the URL, without the query. */
  readonly path: string;
}

/**
 * What the checks need to know of a provider and of its vendor's fake: of the capabilities that `P` has, all; of others, none. Nothing here
 * turns a check off.
 */
export type ProviderFixture<P extends AuthProvider, V extends Fake = Fake> = VendorFacts<P, V> & TokenFacts<P, V> & CapabilityFacts<P, V>;

/** What is known of every provider. */
export interface VendorFacts<P extends AuthProvider, V extends Fake> {
  /** A new fake with nothing in it, which tells the time by this clock. */
  readonly open: (clock: Clock) => V | Promise<V>;
  /** The provider, with this secret of its account and everything of the runtime. */
  readonly create: (vendor: V, runtime: CheckedRuntime, secret: string) => P | Promise<P>;
  /** Every secret of the options, at least 8 characters each. The first is the right one for `create`; wrong ones are made from it. */
  readonly secrets: (vendor: V) => readonly [string, ...string[]];
  /** Makes a user for whom `asUser` works, and answers the id. The provider is one of its own, on the store of those under check. */
  readonly user: (vendor: V, provider: P) => string | Promise<string>;
  /** A GET that needs this user's credentials and is answered with 2xx: a path, relative to `baseUrl`. */
  readonly request: (userId: string) => string;
  /** A refusal of that request which other credentials would not change: the plan, a permission. */
  readonly foreignRefusal: () => Response;
  /** The provider's table of errors: each answer that it explains, and what becomes of it. The names end up in those of the checks. */
  readonly errors: Readonly<Record<string, ExpectedError<P>>>;
}

/** One answer of the vendor, and what the provider makes of it. */
export interface ExpectedError<P extends AuthProvider> {
  /** Whose first request gets the answer. */
  readonly to: OperationOf<P>;
  /** A new one each time, as a body can be read once. */
  readonly answer: () => Response;
  readonly code: AuthErrorCode;
}

/** How tokens come and go, where an authority has any. */
export type TokenFacts<P extends AuthProvider, V extends Fake> =
  HasToken<P> extends true ? { readonly token: TokenFixture<V> } : { readonly token?: never };

/** How tokens come and go. */
export type TokenFixture<V extends Fake> = {
  /** The vendor accepts none of the tokens any more that it has seen or made so far. */
  readonly end: (vendor: V) => void | Promise<void>;
} & (
  | {
      readonly from: 'vendor';
      /** Whether a request asks for a token. */
      readonly isRequest: (request: SentRequest) => boolean;
    }
  /** Signed here, with a key: the vendor is not asked. */
  | { readonly from: 'provider' }
);

/** One entry for each capability of `P`. */
export interface CapabilityFacts<P extends AuthProvider, V extends Fake> {
  readonly capabilities: { readonly [C in Extract<keyof P, Capability>]: CapabilityFixtures<P, V>[C] } & {
    readonly [C in Exclude<Capability, keyof P>]?: never;
  };
}

/** What the checks of each capability need. Empty ones need nothing. */
export interface CapabilityFixtures<P extends AuthProvider, V extends Fake> extends Readonly<Record<Capability, unknown>> {
  readonly application: {
    /** A GET that needs the application's credentials and is answered with 2xx: a path, relative to `baseUrl`. */
    readonly request: string;
  };
  readonly secret: Nothing;
  readonly users: {
    /** For a new user; not that of `user`. */
    readonly reference: string;
    /** An id of nobody, of the right form. */
    readonly unknownId: string;
    /** What the vendor takes for several users, or for whoever asks: `all`, `me`. Others are tried as well. */
    readonly notOneUser: readonly string[];
  };
  readonly userTokens: Nothing;
  readonly codes: {
    /** A code of this user that can be exchanged, once. */
    readonly obtain: (vendor: V, provider: P, userId: string) => Promise<{ readonly code: string; readonly redirectUri: string | null }>;
  };
  readonly revocation: Nothing;
  readonly connect: {
    readonly redirectUri: string;
    /** Does what a user does who connects a bank, and answers the URL that the browser is sent back to. */
    readonly approve: (vendor: V, session: ConnectSession) => Promise<string>;
    /** The same for a user who declines. */
    readonly deny: (vendor: V, session: ConnectSession) => Promise<string>;
  };
}

/** Nothing has to be known. */
export type Nothing = Readonly<Record<string, never>>;

/** Whether `asUser` or `application` has a token. */
export type HasToken<P extends AuthProvider> =
  ReturnType<P['asUser']> extends TokenAuthority ? true : P extends { readonly application: TokenAuthority } ? true : false;

/** The operations of `P` that send something. */
export type OperationOf<P extends AuthProvider> =
  | (ReturnType<P['asUser']> extends TokenAuthority ? 'asUser.token' : never)
  | (P extends { readonly application: TokenAuthority } ? 'application.token' : never)
  | { readonly [C in keyof CapabilityOperations]: C extends keyof P ? CapabilityOperations[C] : never }[keyof CapabilityOperations];

interface CapabilityOperations {
  readonly secret: 'secret.rotate';
  readonly users: 'users.create' | 'users.get' | 'users.delete';
  readonly userTokens: 'userTokens.issue';
  readonly codes: 'codes.issue' | 'codes.exchange';
  readonly revocation: 'revocation.revoke';
  readonly connect: 'connect.start';
}

/** Every operation that is checked. */
export type OperationName = 'asUser.token' | 'application.token' | CapabilityOperations[keyof CapabilityOperations];

/** A provider, whatever it has. */
export type AnyProvider = AuthProvider & { readonly [C in Capability]?: Capabilities[C] | undefined };

/** A fixture, whatever it is for. */
export interface AnyFixture extends Omit<VendorFacts<AnyProvider, Fake>, 'errors'> {
  readonly errors: Readonly<Record<string, { readonly to: OperationName; readonly answer: () => Response; readonly code: AuthErrorCode }>>;
  readonly token?: TokenFixture<Fake> | undefined;
  readonly capabilities: { readonly [C in Capability]?: CapabilityFixtures<AnyProvider, Fake>[C] | undefined };
}
