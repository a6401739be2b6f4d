import { parse } from 'yaml';

interface Lockfile {
  readonly packages?: Readonly<Record<string, { readonly resolution: Readonly<Record<string, unknown>> }>>;
}

interface Settings {
  readonly allowBuilds?: Readonly<Record<string, boolean>>;
  readonly dangerouslyAllowAllBuilds?: boolean;
}

/** What may run while dependencies are installed: the pinned Node, which puts its program in place. */
const ALLOWED = ['node'];

/** A sentence for each package of a `pnpm-lock.yaml` that could be another one tomorrow, or that only one place has. */
export const unpinned = (lockfile: string): readonly string[] => {
  const { packages = {} }: Lockfile = parse(lockfile);
  return [
    ...Object.entries(packages).flatMap(
      ([
        name,
        {
          resolution: { integrity, ...others },
        },
      ]) => {
        const kinds = Object.keys(others);
        if (kinds.length > 0) return [`${name} is not from a registry: its resolution says ${kinds.join(', ')}`];
        return /^sha512-[A-Za-z0-9+/]{86}==$/.test(String(integrity)) ? [] : [`${name} has no sha512 of its contents`];
      },
    ),
    ...[...lockfile.matchAll(/\b\w+:\/\/[^\s'"]+/g)].map(([url]) => `It mentions ${url}, which not everybody can reach`),
  ];
};

/** A sentence for each package that a `pnpm-workspace.yaml` lets run something when it is installed. pnpm refuses those it does not speak of. */
export const permitted = (workspace: string): readonly string[] => {
  const { allowBuilds = {}, dangerouslyAllowAllBuilds = false }: Settings = parse(workspace);
  return [
    ...Object.entries(allowBuilds)
      .filter(([name, isAllowed]) => isAllowed && !ALLOWED.includes(name))
      .map(([name]) => `allowBuilds lets ${name} run scripts when it is installed`),
    ...(dangerouslyAllowAllBuilds ? ['dangerouslyAllowAllBuilds lets everything run'] : []),
  ];
};
