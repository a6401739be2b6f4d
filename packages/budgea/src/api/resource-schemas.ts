import { parser } from '@auth/core/kit';
import * as v from 'valibot';
import { type Expandable, withExpanded } from './expand.ts';
import type { ExpandOptions } from './parameters.ts';
import { parisTime } from './paris-time.ts';

const id = v.pipe(v.number(), v.integer(), v.transform(String));
const text = v.nullish(v.string(), null);
const flag = v.nullish(v.boolean(), null);
const count = v.nullish(v.number(), null);
const names = v.nullish(v.array(v.string()), null);
/** Unreadable times become `null`, because nothing depends on them. */
const time = v.pipe(
  v.nullish(v.string(), null),
  v.transform((wall) => (wall === null ? null : parisTime(wall))),
);

/** What is wrong with a connection. The vendor may add values: match with a default. */
export type ConnectionState =
  | 'SCARequired'
  | 'webauthRequired'
  | 'additionalInformationNeeded'
  | 'decoupled'
  | 'validating'
  | 'actionNeeded'
  | 'passwordExpired'
  | 'wrongpass'
  | 'rateLimiting'
  | 'websiteUnavailable'
  | 'bug'
  | 'notSupported'
  | (string & {});

/** A user's connection to a bank. All times are epoch milliseconds, `null` where the vendor gives none. */
export interface BudgeaConnection extends Expandable {
  readonly id: string;
  readonly idUser: string | null;
  readonly idConnector: string | null;
  /** The bank's id in all domains. Older generations leave it out. */
  readonly connectorUuid: string | null;
  /** `null` for a connection that works. Older generations call this field `error`. */
  readonly state: ConnectionState | null;
  /** What the bank says to the user. With `webauthRequired` it can contain a URL that gives its holder access: do not log it. */
  readonly errorMessage: string | null;
  readonly active: boolean | null;
  readonly created: number | null;
  readonly lastUpdate: number | null;
  readonly lastPush: number | null;
  readonly nextTry: number | null;
  /** When the user has to authorise the access again. */
  readonly expire: number | null;
}

const connection = v.pipe(
  v.object({
    id,
    id_user: v.nullish(id, null),
    id_connector: v.nullish(id, null),
    connector_uuid: text,
    state: text,
    error: text,
    error_message: text,
    active: flag,
    created: time,
    last_update: time,
    last_push: time,
    next_try: time,
    expire: time,
  }),
  v.transform((body) => ({
    id: body.id,
    idUser: body.id_user,
    idConnector: body.id_connector,
    connectorUuid: body.connector_uuid,
    state: body.state ?? body.error,
    errorMessage: body.error_message,
    active: body.active,
    created: body.created,
    lastUpdate: body.last_update,
    lastPush: body.last_push,
    nextTry: body.next_try,
    expire: body.expire,
  })),
);

/** The body of an answer to `getConnection`. */
export const parseConnection: (body: unknown, options: ExpandOptions) => BudgeaConnection = withExpanded(parser(connection));

/** For a deletion: older generations return the connection, newer ones nothing. */
export const parseDeletedConnection: (body: unknown, options: ExpandOptions) => BudgeaConnection | null = withExpanded(
  parser(v.nullable(connection)),
);

/** Connections, and how many there are in all. */
export interface BudgeaConnectionList {
  readonly connections: readonly BudgeaConnection[];
  /** `null` if the vendor does not say. */
  readonly total: number | null;
}

const connectionList = parser(v.object({ connections: v.array(v.unknown()), total: count }));

/** The body of an answer to `getConnections`. */
export const parseConnectionList = (body: unknown, options: ExpandOptions): BudgeaConnectionList => {
  const { connections, total } = connectionList(body);
  return { connections: connections.map((each) => parseConnection(each, options)), total };
};

/** The body of an answer to `getWebauthUrl`. */
export const parseWebauthUrl: (body: unknown) => URL = parser(
  v.pipe(
    v.object({ url: v.pipe(v.string(), v.url(), v.regex(/^https?:/i)) }),
    v.transform(({ url }) => new URL(url)),
  ),
);

/** The latest certificate of a type. */
export interface BudgeaCertificate extends Expandable {
  readonly id: string;
  readonly type: string;
  readonly idPublicKeyFile: string;
  readonly idPrivateKeyFile: string;
  /** Epoch milliseconds, `null` if it could not be read. */
  readonly created: number | null;
}

/** The body of an answer to `getCertificate`. */
export const parseCertificate: (body: unknown, options: ExpandOptions) => BudgeaCertificate = withExpanded(
  parser(
    v.pipe(
      v.object({ id, type: v.string(), id_public_key_file: id, id_private_key_file: id, created: time }),
      v.transform((body) => ({
        id: body.id,
        type: body.type,
        idPublicKeyFile: body.id_public_key_file,
        idPrivateKeyFile: body.id_private_key_file,
        created: body.created,
      })),
    ),
  ),
);

/** A client application. Its private key is left out, because only the vendor has a use for it. */
export interface BudgeaClient extends Expandable {
  readonly id: string;
  readonly name: string | null;
  /** `null` if the caller may not see it. */
  readonly secret: string | null;
  readonly redirectUris: readonly string[];
  /** PEM, `null` without a key pair, which user JWTs need. */
  readonly publicKey: string | null;
  readonly pro: boolean | null;
  /** Whatever you store there yourself. */
  readonly config: string | null;
}

/** One text with a URI on each line, or a list. */
const uris = v.nullish(
  v.union([
    v.array(v.string()),
    v.pipe(
      v.string(),
      v.transform((lines) => lines.split(/\s+/).filter((uri) => uri !== '')),
    ),
  ]),
);

/** The body of an answer to `getClient`. */
export const parseClient: (body: unknown, options: ExpandOptions) => BudgeaClient = withExpanded(
  parser(
    v.pipe(
      v.object({
        id,
        name: text,
        secret: text,
        redirect_uris: uris,
        redirect_uri: uris,
        public_key: text,
        pro: flag,
        config: text,
        information: text,
      }),
      v.transform((body) => ({
        id: body.id,
        name: body.name,
        secret: body.secret,
        redirectUris: body.redirect_uris ?? body.redirect_uri ?? [],
        publicKey: body.public_key,
        pro: body.pro,
        config: body.config ?? body.information,
      })),
    ),
  ),
);

/** A bank, or another institution that can be connected. */
export interface BudgeaConnector extends Expandable {
  /** Differs between domains. */
  readonly id: string;
  /** The same in all domains. */
  readonly uuid: string | null;
  readonly name: string;
  /** `webauth`: the user logs in on the bank's own page. */
  readonly authMechanism: 'credentials' | 'webauth' | (string & {}) | null;
  readonly availableAuthMechanisms: readonly string[] | null;
  readonly capabilities: readonly string[] | null;
  readonly products: readonly string[] | null;
  readonly accountUsages: readonly string[] | null;
  readonly hidden: boolean | null;
  readonly charged: boolean | null;
  readonly beta: boolean | null;
  readonly restricted: boolean | null;
  readonly code: string | null;
  readonly slug: string | null;
  readonly color: string | null;
  readonly siret: string | null;
  readonly monthsToFetch: number | null;
}

const parseConnector: (body: unknown, options: ExpandOptions) => BudgeaConnector = withExpanded(
  parser(
    v.pipe(
      v.object({
        id,
        uuid: text,
        name: v.string(),
        auth_mechanism: text,
        available_auth_mechanisms: names,
        capabilities: names,
        products: names,
        account_usages: names,
        hidden: flag,
        charged: flag,
        beta: flag,
        restricted: flag,
        code: text,
        slug: text,
        color: text,
        siret: text,
        months_to_fetch: count,
      }),
      v.transform(({ auth_mechanism, available_auth_mechanisms, account_usages, months_to_fetch, ...same }) => ({
        ...same,
        authMechanism: auth_mechanism,
        availableAuthMechanisms: available_auth_mechanisms,
        accountUsages: account_usages,
        monthsToFetch: months_to_fetch,
      })),
    ),
  ),
);

/** Connectors, and how many there are in all. */
export interface BudgeaConnectorList {
  readonly connectors: readonly BudgeaConnector[];
  /** `null` if the vendor does not say. */
  readonly total: number | null;
}

const connectorList = parser(v.object({ connectors: v.array(v.unknown()), total: count }));

/** The body of an answer to `getConnectors`. */
export const parseConnectorList = (body: unknown, options: ExpandOptions): BudgeaConnectorList => {
  const { connectors, total } = connectorList(body);
  return { connectors: connectors.map((each) => parseConnector(each, options)), total };
};

/** The key that users' credentials are encrypted with, as a JWK. */
export interface BudgeaPublicKey {
  readonly kty: string;
  readonly use: string | null;
  readonly kid: string | null;
  /** Base64url. */
  readonly n: string;
  /** Base64url. */
  readonly e: string;
}

/** The body of an answer to `getPublicKey`. */
export const parsePublicKey: (body: unknown) => BudgeaPublicKey = parser(
  v.object({ kty: v.string(), use: text, kid: text, n: v.string(), e: v.string() }),
);
