/** Where packages go. */
export interface Destination {
  /** `undefined` until somebody chooses one: there is no default, so that nothing goes to the public one by mistake. */
  readonly registry: string | undefined;
  readonly access: 'public' | 'restricted';
  /** The repository, for the `repository` field that provenance is checked against. `undefined` outside a workflow. */
  readonly repository: string | undefined;
}

const ACCESS = ['public', 'restricted'] as const;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1']);

/**
 * Reads `NPM_REGISTRY` (an https URL, or http on loopback) and `NPM_ACCESS` (`restricted` by default), and what a workflow says of its
 * repository. Throws, naming the variable, for anything else.
 */
export const destinationOf = (env: NodeJS.ProcessEnv): Destination => {
  const { NPM_REGISTRY: registry, NPM_ACCESS: wanted = 'restricted', GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = env;
  const access = ACCESS.find((one) => one === (wanted || 'restricted'));
  if (access === undefined) throw new Error(`NPM_ACCESS is ${wanted}. Set it to public or to restricted.`);
  return {
    registry: registry ? checked(registry) : undefined,
    access,
    repository: server && name ? `git+${server}/${name}.git` : undefined,
  };
};

const checked = (text: string): string => {
  const url = URL.parse(text);
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (url === null || !isAllowed || url.username !== '' || url.search !== '')
    throw new Error(
      'NPM_REGISTRY is no https URL without a user and a query: https://npm.acme.example/ is one. http is for localhost and 127.0.0.1 only.',
    );
  return url.href.replace(/\/?$/, '/');
};

/** The lines of an `.npmrc` that send a scope there. The token stays a variable, which npm and pnpm read when they need it. */
export const npmrcOf = (scope: string, registry: string, hasToken: boolean): string => {
  const token = `${registry.replace(/^https?:/, '')}:_authToken=\${NPM_TOKEN}`;
  return [`${scope}:registry=${registry}`, ...(hasToken ? [token] : []), ''].join('\n');
};
