import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foreignIn, renamed, scopeProblem, withoutDisclaimer, withoutNamesake, withoutNamesakeLines } from './rescope/text.ts';

const ROOT = join(import.meta.dirname, '..');

describe('a rename of the scope', () => {
  it.each([
    ["import { a } from '@old/core';", "import { a } from '@new/core';"],
    ['{ "@old/core": "workspace:^" }', '{ "@new/core": "workspace:^" }'],
    ["'@old/budgea': minor", "'@new/budgea': minor"],
    ['@old:registry=https://npm.acme.example/', '@new:registry=https://npm.acme.example/'],
    ['The scope `@old` belongs to them.', 'The scope `@new` belongs to them.'],
    ['It is called @old. It stays.', 'It is called @new. It stays.'],
    ['"ignoreDependencies": ["@old/.*"]', '"ignoreDependencies": ["@new/.*"]'],
    ['* @old/maintainers @old/release', '* @new/maintainers @new/release'],
    ['      - "@old/*"', '      - "@new/*"'],
    ['npm:@old/core@1.0.0', 'npm:@new/core@1.0.0'],
    ['[@old/core](core.html)', '[@new/core](core.html)'],
  ])('reaches %s', (before, expected) => {
    expect(renamed(before, '@old', '@new')).toEqual({ text: expected, count: before.split('@old').length - 1 });
  });

  it.each([
    '@older/core',
    '@old0/react',
    '@old-x/core',
    'someone@old.example',
    'someone@old',
    '@old.example',
    'OLD_PROVIDER',
    'old-sandbox',
  ])('leaves %s alone', (text) => {
    expect(renamed(text, '@old', '@new')).toEqual({ text, count: 0 });
  });

  it('can be undone', () => {
    const text = "import '@old/core'; // and `@old/*`";
    expect(renamed(renamed(text, '@old', '@new').text, '@new', '@old').text).toBe(text);
  });
});

describe('what is said of the other project of that name', () => {
  it('goes, with the lines that it stands on', () => {
    expect(withoutNamesake('# A\n\n<!-- namesake -->\n> Not that `@old/core`.\n<!-- /namesake -->\n\nText.\n')).toBe('# A\n\nText.\n');
    expect(withoutNamesake('Text.\n\n<!-- namesake -->\n\n## Two\n\nOf a name.\n\n<!-- /namesake -->\n\n## Next\n')).toBe(
      'Text.\n\n## Next\n',
    );
  });

  it('goes from the middle of a list, and of a line', () => {
    expect(withoutNamesake('- a\n<!-- namesake -->\n- b\n<!-- /namesake -->\n- c\n')).toBe('- a\n- c\n');
    expect(withoutNamesake('It works. <!-- namesake -->It is\nnot theirs.<!-- /namesake --> Read it.')).toBe('It works. Read it.');
  });

  it('goes from code, with the comments around it', () => {
    expect(withoutNamesakeLines("const a = [\n  'A.',\n  // namesake\n  'Not B.',\n  // /namesake\n  'C.',\n];\n")).toBe(
      "const a = [\n  'A.',\n  'C.',\n];\n",
    );
    expect(withoutNamesakeLines('const mark = "// namesake";\n// A namesake is another.\n')).toBe(
      'const mark = "// namesake";\n// A namesake is another.\n',
    );
  });

  const exclude = (path: string): boolean => /node_modules|\bdist\b|apps\/docs\/(?:generated|site)/.test(path);
  const filesOf = (kind: string): readonly string[] => [
    ...globSync(`{.changeset,.github,apps,packages,scripts}/**/*.${kind}`, { cwd: ROOT, exclude }),
    ...globSync(`*.${kind}`, { cwd: ROOT }),
  ];

  it('stands between its comments, in every document', () => {
    const files = filesOf('md');
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) {
      const [left] = /.*(?:(?<!not-)Auth\.js|<!-- \/?namesake -->).*/.exec(withoutNamesake(readFileSync(join(ROOT, file), 'utf8'))) ?? [];
      expect({ file, left }).toEqual({ file, left: undefined });
    }
  });

  it('stands between its comments, in all code but that of tests', () => {
    const files = filesOf('ts').filter((file) => !file.endsWith('.test.ts'));
    expect(files.length).toBeGreaterThan(200);
    for (const file of files) {
      const [left] =
        /.*(?:(?<!not-)Auth\.js|^ *\/\/ \/?namesake$).*/m.exec(withoutNamesakeLines(readFileSync(join(ROOT, file), 'utf8'))) ?? [];
      expect({ file, left }).toEqual({ file, left: undefined });
    }
  });
});

describe('the description of a package', () => {
  it('no longer says what it is not', () => {
    const manifest = (description: string): string =>
      `{\n  "name": "@old/core",\n  "description": "${description}",\n  "type": "module"\n}\n`;
    expect(withoutDisclaimer(manifest('A store. Not Auth.js.'))).toBe(manifest('A store.'));
    expect(withoutDisclaimer(manifest('A store for Auth.js.'))).toBe(manifest('A store for Auth.js.'));
  });
});

describe('a scope', () => {
  it('is taken when something from elsewhere has it', () => {
    const lockfile =
      "importers:\n\n  .:\n      '@acme/core':\n\npackages:\n\n  '@acme/paint@1.0.0':\n\nsnapshots:\n\n  '@acme/paint@1.0.0':\n";
    expect(foreignIn(lockfile, '@acme')).toEqual(['@acme/paint']);
    expect(foreignIn(lockfile, '@ac')).toEqual([]);
  });

  it.each(['@acme', '@a', '@4', '@acme-2', '@acme_x.y', `@${'a'.repeat(100)}`])('can be %s', (scope) => {
    expect(scopeProblem(scope)).toBeUndefined();
  });

  it.each([
    'acme',
    '@',
    '@Acme',
    '@_acme',
    '@.acme',
    '@-acme',
    '@~acme',
    '@ac~me',
    '@acme.',
    '@acme-',
    '@acme_',
    '@acme/core',
    '@acme corp',
    `@${'a'.repeat(101)}`,
  ])('cannot be %s, and is told why', (scope) => {
    expect(scopeProblem(scope)).toMatch(/^\S.* (?:is no scope|cannot be a scope): it /);
  });
});
