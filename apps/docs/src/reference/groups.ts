/** Which group of the reference an export belongs to. */
interface Place {
  readonly group: string;
  /** Paths in a package, without `src/` and `.ts`. */
  readonly files?: readonly string[];
  /** Exports that stand in a file of another group. */
  readonly names?: readonly string[];
}

/** The files that every provider has, and what is in them. A new one needs no table of its own until it has more. */
const skeleton = (name: string): readonly Place[] => [
  { group: 'Provider', files: [name, 'options'] },
  { group: 'Capability: secret', files: ['secret'] },
  { group: 'Capability: users', files: ['users'] },
  { group: 'Capability: userTokens', files: ['user-tokens'] },
  { group: 'Capability: codes', files: ['codes'] },
  { group: 'Capability: revocation', files: ['revocation'] },
  { group: 'Capability: connect', files: ['connect'] },
  { group: 'Webhooks', files: ['webhooks'] },
  { group: 'API', files: ['api/operations'] },
  { group: 'API: what goes in', files: ['api/parameters'] },
  { group: 'API: what comes out', files: ['api/schemas', 'api/resource-schemas'] },
];

const PLACES: Readonly<Record<string, readonly Place[]>> = {
  core: [
    { group: 'Tokens', files: ['managed', 'token-source', 'engine/token-state'], names: ['Token', 'TokenAuthority'] },
    { group: 'Fetch', files: ['authorized-fetch'], names: ['Fetch'] },
    { group: 'Capabilities', names: ['Capabilities', 'Capability', 'supports'] },
    { group: 'Capability: secret', names: ['Secret', 'SecretVault'] },
    { group: 'Capability: users', names: ['Users', 'User', 'NewUser'] },
    { group: 'Capability: userTokens', names: ['UserTokens'] },
    { group: 'Capability: codes', names: ['Codes', 'Code'] },
    { group: 'Capability: revocation', names: ['Revocation'] },
    { group: 'Capability: connect', names: ['Connect', 'ConnectRequest', 'ConnectSession', 'Connected'] },
    { group: 'Contract', files: ['authority', 'provider', 'provider-runtime', 'is-auth-core'] },
    { group: 'Stores', files: ['store', 'memory-store'] },
    { group: 'Errors', files: ['errors', 'kit/arguments', 'kit/as-operation', 'kit/error-of', 'kit/errors-of'] },
    { group: 'Events', files: ['events'] },
    { group: 'Time', files: ['clock', 'wait', 'testing/fake-clock', 'kit/server-clock'] },
    { group: 'Configuration', files: ['registry', 'option-fields', 'kit/option-schemas', 'kit/plugin', 'kit/secret-source'] },
    { group: 'HTTP', files: ['kit/http', 'kit/operations', 'kit/refuse-browser', 'kit/schema-parser'] },
    { group: 'Authorities', files: ['kit/vendor', 'kit/managed-many', 'kit/token-authority', 'kit/request-authority'] },
    { group: 'Callbacks', files: ['kit/callback-query', 'kit/connect-states', 'kit/page-failure', 'kit/redirect-uri'] },
    { group: 'Sources', files: ['testing/scripted-source'] },
  ],
  budgea: [
    { group: 'Provider', files: ['grants'] },
    { group: 'Capability: connect', files: ['webview'] },
    { group: 'Connections', files: ['connections'] },
    { group: 'Service tokens', files: ['service-tokens'] },
    { group: 'API', files: ['api/authentication', 'api/users', 'api/connections', 'api/domain', 'api/expand'] },
  ],
  sandbox: [
    { group: 'Sandboxes', files: ['sandbox'] },
    { group: 'Finicity', files: ['finicity/sandbox', 'finicity/credentials', 'finicity/errors'] },
    { group: 'Budgea', files: ['budgea/sandbox', 'budgea/errors', 'budgea/pfm-login', 'budgea/rate-limit', 'budgea/request'] },
    { group: 'What was asked', files: ['calls'] },
    { group: 'Faults', files: ['fault', 'faults', 'random'] },
  ],
  'store-sqlite': [{ group: 'Stores', files: ['sqlite-store', 'options'] }],
  'store-redis': [
    { group: 'Stores', files: ['redis-store', 'options'] },
    { group: 'Clients', files: ['redis-client'] },
  ],
  'store-encrypted': [
    { group: 'Stores', files: ['encrypted-store'] },
    { group: 'Keys', files: ['keys', 'rekey'] },
  ],
  conformance: [
    { group: 'Checks', files: ['check', 'provider/contract', 'store/contract'] },
    { group: 'Fixtures', files: ['provider/fixture', 'store/fixture'] },
  ],
};

/** The order of groups on a page; others follow. */
export const GROUP_ORDER: readonly string[] = [
  ...['Provider', 'Contract', 'Tokens', 'Fetch', 'Configuration', 'Stores', 'Capabilities'],
  ...['secret', 'users', 'userTokens', 'codes', 'revocation', 'connect'].map((capability) => `Capability: ${capability}`),
  ...['Errors', 'Events', 'Time', 'Sandboxes', 'Finicity', 'Budgea', 'What was asked', 'Faults'],
  ...['Connections', 'Service tokens', 'Webhooks', 'API', 'API: what goes in', 'API: what comes out', '*', 'Entry points'],
];

/**
 * The group of an export by where it is declared: `packageName` as in package.json, `file` from the package's folder. `undefined` where the
 * table does not know it, which the build takes for an error.
 */
export const groupOf = (packageName: string, file: string, name: string): string | undefined => {
  const folder = packageName.replace(/^@[^/]+\//, '');
  const places = [...(PLACES[folder] ?? []), ...skeleton(folder)];
  const path = file.replace(/^src\//, '').replace(/\.ts$/, '');
  return (places.find(({ names }) => names?.includes(name)) ?? places.find(({ files }) => files?.includes(path)))?.group;
};
