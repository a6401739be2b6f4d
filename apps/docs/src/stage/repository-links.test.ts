import { expect, it } from 'vitest';
import { linksToNothing } from './repository-links.ts';

it('finds links to files, folders and headings that are not there', () => {
  const files: Readonly<Record<string, string>> = {
    'README.md':
      '# A\n[a](docs) [b](docs/b.md#what-it-does) [c](docs/c.md) [d](docs/b.md#nothing) [e](https://e.example/e.md) [f](#a) [g](#gone)',
    'docs/b.md': '# B\n## What it does\n![svg](b.svg) [up](../README.md)\n```md\n[x](x.md)\n```\n',
  };
  expect(linksToNothing(Object.keys(files), (file) => files[file] ?? '')).toEqual([
    'README.md: docs/c.md is not in the repository.',
    'README.md: docs/b.md has no heading #nothing.',
    'README.md: README.md has no heading #gone.',
    'docs/b.md: docs/b.svg is not in the repository.',
  ]);
});
