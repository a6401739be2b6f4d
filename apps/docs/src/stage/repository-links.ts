import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { rewriteLinks, slugOf, type Target } from './links.ts';

/** Links of the repository's own Markdown that lead to nothing that is in the repository, as a reader of the files follows them. */
export const brokenLinks = (root: string): readonly string[] => {
  // A copy without its history has none: nobody knows which of its files are the repository's.
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', listing, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const files = stdout.split('\0').filter((file) => file !== '' && statSync(join(root, file), { throwIfNoEntry: false })?.isFile());
  return linksToNothing(files, (file) => readFileSync(join(root, file), 'utf8'));
};

/** The same of these files. */
export const linksToNothing = (files: readonly string[], read: (file: string) => string): readonly string[] => {
  const folders = files.flatMap((file) => [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index)));
  const known = new Set([...files, ...folders, '.']);
  return files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => {
      const lost: string[] = [];
      const look = ({ path, anchor }: Target): string => {
        if (!known.has(path)) lost.push(`${file}: ${path} is not in the repository.`);
        else if (anchor !== '' && path.endsWith('.md') && !anchorsOf(read(path)).has(anchor))
          lost.push(`${file}: ${path} has no heading ${anchor}.`);
        return '';
      };
      // A link to a heading of its own names no file, which rewriting has no use for.
      rewriteLinks(read(file).replaceAll('](#', `](${posix.basename(file)}#`), file, look);
      return lost;
    });
};

const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set([...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) => `#${slugOf(title)}`));
