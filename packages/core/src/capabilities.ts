/**
 * What a provider can do beyond `asUser`. A capability is present in full or not at all, in the type and at run time, so that code
 * that needs a missing capability does not compile. Capabilities work with user ids; tokens stay behind `asUser` and `api`.
 */
import type { Authority, CallOptions, Token } from './authority.ts';

/** The name of a capability. */
export type Capability = keyof Capabilities;

/** Every capability by its name. A capability never gains a member within one contract version. */
export interface Capabilities {
  /** The product itself, for requests that are not about a single user. */
  application: Authority;
  secret: Secret;
  users: Users;
  userTokens: UserTokens;
  codes: Codes;
  revocation: Revocation;
  connect: Connect;
}

/** Changes the secret that the product authenticates with. */
export interface Secret {
  /**
   * Writes the next secret to the vault as pending, changes it at the vendor, then promotes it. `next` is generated to the vendor's policy
   * if absent.
   */
  readonly rotate: (options: { readonly vault: SecretVault; readonly next?: string | undefined } & CallOptions) => Promise<void>;
  /** After a crash: finds out which of the two secrets works, with at most one failed attempt, and leaves only that one. */
  readonly recover: (options: { readonly vault: SecretVault } & CallOptions) => Promise<void>;
}

/** Where the product keeps the secret: a secret manager, a file, a row. */
export interface SecretVault {
  /** Both secrets as they are now; `pending` is `null` unless a rotation is under way. */
  readonly read: () => Promise<{ readonly current: string; readonly pending: string | null }>;
  /** Durable once resolved. */
  readonly write: (secret: { readonly current: string; readonly pending: string | null }) => Promise<void>;
}

/** The vendor's users: those whose bank data is read. */
export interface Users {
  /** Not idempotent, so never repeated automatically. The user's first token, if there is one, is stored before this resolves. */
  readonly create: (user: NewUser, options?: CallOptions) => Promise<User>;
  /** Rejects with `not_found`. */
  readonly get: (userId: string, options?: CallOptions) => Promise<User>;
  /** Deletes the user with every connection, and forgets the stored token. Idempotent. Refuses ids that stand for more than one user. */
  readonly delete: (userId: string, options?: CallOptions) => Promise<{ readonly existed: boolean }>;
}

/** A user to create. */
export interface NewUser {
  /** Your own name for this person: becomes the username if the vendor has usernames, otherwise unused. */
  readonly reference: string;
}

/** A user as the vendor knows it. */
export interface User {
  readonly id: string;
  /** Epoch milliseconds, `null` where the vendor does not say. */
  readonly createdAt: number | null;
}

/** Tokens that belong to one user. */
export interface UserTokens {
  /** A token to pass on. It is not stored; for your own requests use `asUser`. */
  readonly issue: (userId: string, options?: CallOptions) => Promise<Token>;
  /** Takes over an existing token (from a migration or another service), so that `asUser` need not request one. */
  readonly adopt: (userId: string, token: Token) => Promise<void>;
}

/** Short-lived codes that stand for a user. */
export interface Codes {
  /** A code for this user's browser or device. */
  readonly issue: (userId: string, options?: CallOptions) => Promise<Code>;
  /**
   * Spends a code; never repeated automatically. The token is stored before this resolves. `redirectUri` as it was sent, `null` if none
   * was.
   */
  readonly exchange: (code: string, options: { readonly redirectUri: string | null } & CallOptions) => Promise<{ readonly userId: string }>;
}

/** A short-lived code. */
export interface Code {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly singleUse: boolean;
}

/** Revokes a user's token. */
export interface Revocation {
  /** Revokes the stored token at the vendor and forgets it. Idempotent. The user and the connections stay. */
  readonly revoke: (userId: string, options?: CallOptions) => Promise<{ readonly existed: boolean }>;
}

/** The vendor's page on which a user connects a bank. */
export interface Connect {
  /** A page to connect a bank, or to repair the connection `connectionId`. Keep the result with the browser's session. */
  readonly start: (request: ConnectRequest, options?: CallOptions) => Promise<ConnectSession>;
  /**
   * Checks `state` first, in constant time, on error callbacks too; each state is accepted once. Rejects with `state_mismatch` or
   * `consent_denied`. Pass `callbackUrl` as received: a `+` in it must not have become a space.
   */
  readonly complete: (callbackUrl: string, session: ConnectSession, options?: CallOptions) => Promise<Connected>;
}

/** Who connects, and where the browser returns to. */
export interface ConnectRequest {
  readonly userId: string;
  /** Without query or fragment. */
  readonly redirectUri: string;
  readonly connectionId?: string | undefined;
}

/** Plain data that the product keeps and passes back unchanged. */
export interface ConnectSession {
  readonly url: string;
  readonly state: string;
  readonly userId: string;
  readonly redirectUri: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** A finished connection. */
export interface Connected {
  /** The subject to store and to pass to `asUser`; may differ from the one that started the session. */
  readonly userId: string;
  /** Empty if the vendor's callback names none. */
  readonly connectionIds: readonly string[];
}
