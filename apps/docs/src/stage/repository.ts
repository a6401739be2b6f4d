import { spawnSync } from 'node:child_process';
import { ROOT } from '../paths.ts';

/** `https://forge/owner/name` of what git says, which may be an address for ssh; nothing of a folder, or of a host without a name. */
export const forgeOf = (remote: string): string | undefined => {
  const [, host, path] =
    /^(?:https?:\/\/(?:[^@/]*@)?|ssh:\/\/git@|git@)([\w-]+(?:\.[\w-]+)+)(?::\d+)?[:/](.+?)(?:\.git)?\/?$/.exec(remote.trim()) ?? [];
  return host === undefined ? undefined : `https://${host}/${path}`;
};

/** Where the repository can be read and edited, for links that leave the site. In CI it is said; elsewhere git knows where it came from. */
export const repositoryUrl: string | undefined = (() => {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (server && name) return `${server}/${name}`;
  return forgeOf(spawnSync('git', ['config', '--get', 'remote.origin.url'], { cwd: ROOT, encoding: 'utf8' }).stdout ?? '');
})();
