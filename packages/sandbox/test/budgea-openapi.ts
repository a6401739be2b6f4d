/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Facts of one generation of the vendor's OpenAPI files: operations by name, each with its statuses and their schemas. `null`: no schema. */
export interface Generation {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly operations: Readonly<Record<string, Readonly<Record<number, Schema | null>>>>;
}

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const number: Schema = { type: 'number' };
/** Dates have no zone, other than what `date-time` means in JSON Schema. */
const date: Schema = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$` };
/** The files call these plain texts, and the vendor's servers leave them null until there is something to tell. */
const dateOrNull: Schema = { anyOf: [date, { type: 'null' }] };
const textOrNull: Schema = { type: ['string', 'null'] };

const object = (required: readonly string[], properties: Readonly<Record<string, Schema>> = {}): Schema => ({
  type: 'object',
  required,
  properties,
});
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const list = (name: string, item: string, more: Readonly<Record<string, Schema>> = {}): Schema =>
  object([name], { [name]: { type: 'array', items: ref(item) }, ...more });

const connector = { id: whole, name: text, hidden: flag, charged: flag, code: text, beta: flag, color: text, slug: text };
const connectorLater = { sync_frequency: number, months_to_fetch: whole, auth_mechanism: text };
const client = { id: whole, name: text, secret: text, public_key: text, private_key: text, pro: flag, id_logo: whole };
const connection = { id: whole, id_user: whole, id_connector: whole, active: flag, last_update: dateOrNull, last_push: dateOrNull };
const certificate = { id: whole, id_public_key_file: whole, id_private_key_file: whole, type: text, created: date };
const platforms = ['web', 'iPad', 'iPhone', 'Android', 'CAstore', 'requestAccess', 'sharedAccess', 'transfer'];
const user = (values: readonly string[]): Schema =>
  object(['id', 'signin', 'platform'], { id: whole, signin: date, platform: { enum: values } });

const jwt = object(['jwt_token', 'payload'], { jwt_token: text, payload: { type: 'object' } });

/** What both files have. `more` is in every list. */
const shared = (more: Readonly<Record<string, Schema>>): Generation['operations'] => ({
  'POST /admin/jwt': { 200: jwt },
  'POST /auth/init': { 200: object(['auth_token', 'type'], { auth_token: text, type: text, expires_in: whole }) },
  'POST /auth/jwt': { 200: jwt },
  'POST /auth/token': {
    200: object(['token', 'scope', 'user', 'profile'], {
      token: text,
      scope: text,
      user: { type: 'object' },
      profile: { type: 'object' },
      expires_in: whole,
    }),
  },
  'DELETE /auth/token': { 200: null },
  'POST /auth/token/access': { 200: object(['access_token', 'token_type'], { access_token: text, token_type: text }) },
  // The files say that `type` is an object, and show a text.
  'GET /auth/token/code': { 200: object(['code', 'type', 'expires_in'], { code: text, type: text, expires_in: whole }) },
  'GET /certificate/{type}': { 200: ref('Certificate') },
  'DELETE /hash': { 200: null },
  'GET /users': { 200: list('users', 'User', more) },
  'GET /users/{id_user}': { 200: ref('User') },
  'DELETE /users/{id_user}': { 200: ref('User') },
  'POST /users/{id_user}/token': { 200: object(['token'], { token: text }) },
  'GET /users/{id_user}/connections': { 200: list('connections', 'Connection', more) },
  'POST /users/{id_user}/connections': { 200: ref('Connection') },
  'DELETE /users/{id_user}/connections': { 200: ref('Connection') },
  'GET /users/{id_user}/config': { 200: object(['biapi.last_push']) },
  'POST /users/{id_user}/config': { 200: null },
  'DELETE /users/{id_user}/config': { 200: null },
  'GET /clients': { 200: list('clients', 'Client', more) },
  'POST /clients': { 200: ref('Client') },
  'GET /clients/{id_client}': { 200: ref('Client') },
  'PUT /clients/{id_client}': { 200: ref('Client') },
  'DELETE /clients/{id_client}': { 200: ref('Client') },
  'GET /config': { 200: null },
  'POST /config': { 200: object(['connection.disable_new']) },
  'GET /banks': { 200: list('banks', 'Connector', more) },
  'GET /connectors': { 200: list('connectors', 'Connector', more) },
  'POST /connectors': { 200: ref('Connector') },
  // "Standard HTTP response" in both files; it is a redirect, as every other source tells.
  'GET /webauth': { 302: null },
});

/** The file of 2019. */
export const openapi2019: Generation = {
  schemas: {
    Connector: object(['id', 'name', 'id_weboob', 'charged', 'beta'], { ...connector, ...connectorLater, id_weboob: text }),
    Client: object(['id', 'name', 'secret', 'redirect_uri', 'pro'], {
      ...client,
      redirect_uri: text,
      primary_color: text,
      secondary_color: text,
      description: text,
      description_banks: text,
      description_providers: text,
      information: text,
    }),
    User: user(platforms),
    Connection: object(['id', 'id_connector', 'active'], { ...connection, error: textOrNull, expire: dateOrNull, next_try: dateOrNull }),
    Certificate: object(Object.keys(certificate), certificate),
  },
  operations: shared({}),
};

/** The file of 2020. */
export const openapi2020: Generation = {
  schemas: {
    Connector: object(['id', 'name', 'charged', 'beta', 'uuid', 'restricted'], {
      ...connector,
      ...connectorLater,
      siret: text,
      uuid: text,
      restricted: flag,
    }),
    Client: object(['id', 'name', 'secret', 'redirect_uris', 'pro'], { ...client, redirect_uris: text, config: text }),
    User: user([...platforms, 'refresh_token']),
    Connection: object(['id', 'id_connector', 'active'], { ...connection, created: date, next_try: dateOrNull }),
    Certificate: object(Object.keys(certificate), certificate),
  },
  operations: { ...shared({ total: number }), 'PUT /connectors': { 200: ref('Connector') } },
};

const error = object(['code', 'description', 'message', 'request_id'], {
  code: text,
  description: text,
  message: textOrNull,
  request_id: whole,
});
const bearerToken = object(['access_token', 'token_type'], { access_token: text, token_type: { const: 'Bearer' } });
const total = { total: whole };

/** Powens today: the documentation's shapes and statuses of the same operations, and of those that came later. */
export const powens: Generation = {
  schemas: {
    Connector: object(['id', 'uuid', 'name', 'hidden', 'charged', 'beta', 'auth_mechanism', 'available_auth_mechanisms'], {
      ...connector,
      uuid: text,
      siret: textOrNull,
      available_auth_mechanisms: { type: 'array', items: { enum: ['credentials', 'webauth'] } },
      capabilities: { type: 'array', items: text },
      products: { type: 'array', items: text },
      account_usages: { type: 'array', items: text },
      restricted: flag,
    }),
    Client: object(['id', 'name', 'secret', 'redirect_uris', 'pro'], { ...client, redirect_uris: text, config: text }),
    User: { ...object(['id', 'signin'], { id: whole, signin: date }), not: { required: ['platform'] } },
    Connection: object(['id', 'id_user', 'id_connector', 'connector_uuid', 'state', 'active', 'created', 'last_update', 'error_message'], {
      ...connection,
      created: date,
      connector_uuid: text,
      state: textOrNull,
      error_message: textOrNull,
    }),
    Certificate: object(Object.keys(certificate), certificate),
    Error: error,
  },
  operations: {
    ...shared(total),
    'POST /auth/init': {
      200: object(['auth_token', 'type', 'id_user', 'expires_in'], {
        auth_token: text,
        type: { enum: ['temporary', 'permanent'] },
        id_user: whole,
        expires_in: { type: ['integer', 'null'] },
      }),
      400: error,
      401: error,
    },
    'POST /auth/token/access': { 200: bearerToken, 400: error, 401: error },
    'POST /auth/renew': { 200: bearerToken, 400: error, 401: error, 404: error },
    'POST /auth/token': { 200: object(['token', 'scope'], { token: text, scope: text }), 400: error, 401: error },
    'DELETE /auth/token': { 204: null, 401: error },
    'GET /auth/token/code': {
      200: object(['code', 'type', 'access', 'expires_in'], {
        code: text,
        type: { const: 'temporary' },
        access: { enum: ['single', 'standard'] },
        expires_in: whole,
      }),
      401: error,
    },
    'DELETE /hash': { 204: null },
    'GET /users': { 200: list('users', 'User', total), 401: error, 403: error },
    'GET /users/{id_user}': { 200: ref('User'), 401: error, 403: error, 404: error },
    'DELETE /users/{id_user}': { 204: null, 401: error },
    'POST /users/{id_user}/connections': { 201: ref('Connection'), 202: ref('Connection'), 400: error },
    'DELETE /users/{id_user}/connections': { 204: null },
    'DELETE /users/{id_user}/config': { 204: null },
    'DELETE /clients/{id_client}': { 204: null, 403: error, 404: error },
    'GET /connectors/{id_connector}': { 200: ref('Connector'), 404: error },
    'PUT /connectors': { 200: ref('Connector') },
    'GET /publickey': {
      200: object(['kty', 'use', 'e', 'n', 'kid'], { kty: { const: 'RSA' }, use: { const: 'enc' }, e: text, n: text, kid: text }),
    },
    'GET /webauth-url': { 200: object(['url'], { url: text }), 409: error },
  },
};
