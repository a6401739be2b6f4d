import { posix } from 'node:path';
import { PACKAGES } from '../paths.ts';

/** Where a relative link of a document leads, as a path in the repository. */
export interface Target {
  readonly path: string;
  /** With its `#`, or empty. */
  readonly anchor: string;
}

/** What a link becomes; `undefined` leaves only its text, for places that the reader cannot go to. */
export type Resolve = (target: Target) => string | undefined;

/**
 * Rewrites the relative links and images of a Markdown text; code blocks are left alone.
 * `source` is the text's own path in the repository.
 */
export const rewriteLinks = (text: string, source: string, resolve: Resolve): string =>
  text
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part) => (part.startsWith('```') ? part : rewritten(part, source, resolve)))
    .join('');

const rewritten = (text: string, source: string, resolve: Resolve): string =>
  text.replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, image: string, label: string, href: string) => {
    if (/^[a-z]+:|^#/.test(href)) return whole;
    const [file = '', anchor] = href.split('#');
    const path = posix.join(posix.dirname(source), file).replace(/\/$/, '');
    const to = resolve({ path, anchor: anchor === undefined ? '' : `#${anchor}` });
    return to === undefined ? label : `${image}[${label}](${to})`;
  });

/** `packages/core` and `packages/core/README.md` are the same page. */
export const packageOf = (path: string): string | undefined => {
  const [, name] = /^packages\/([^/]+)(?:\/README\.md)?$/.exec(path) ?? [];
  return name !== undefined && PACKAGES.includes(name) ? name : undefined;
};

/** The anchor of a heading, as GitHub names it. */
export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
