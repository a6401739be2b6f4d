import { expect, it } from 'vitest';
import { packageOf, rewriteLinks, slugOf } from './links.ts';

const rewritten = (text: string): string =>
  rewriteLinks(text, 'apps/docs/guides/a.md', ({ path, anchor }) => (path === 'secret.md' ? undefined : `<${path}${anchor}>`));

it('resolves links against the file that they are in', () => {
  expect(rewritten('[b](b.md#c) and ![d](../generated/d.svg)')).toBe(
    '[b](<apps/docs/guides/b.md#c>) and ![d](<apps/docs/generated/d.svg>)',
  );
});

it('leaves the words of a link that leads to nothing in the site', () => {
  expect(rewritten('see [the secret](../../../secret.md).')).toBe('see the secret.');
});

it('leaves links to other places, links within the page, and code alone', () => {
  const text = '[x](https://example.org/a.md) [y](#z)\n\n```md\n[b](b.md)\n```\n';
  expect(rewritten(text)).toBe(text);
});

it.each([
  ['packages/core', 'core'],
  ['packages/core/README.md', 'core'],
  ['packages/core/src/index.ts', undefined],
  ['packages/nobody', undefined],
])('takes %s for the page of %s', (path, name) => {
  expect(packageOf(path)).toBe(name);
});

it.each([
  ['From tarballs, without a registry', 'from-tarballs-without-a-registry'],
  ["A token's life & `end`", 'a-tokens-life--end'],
])('names the heading «%s» as GitHub does', (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});
