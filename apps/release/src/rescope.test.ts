import { describe, expect, it } from 'vitest';
import { renamed, scopeProblem, withoutNamesake } from '../../../scripts/rescope/text.ts';

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
});

describe('a scope', () => {
  it.each(['@acme', '@a', '@acme-2', '@acme_x.y'])('can be %s', (scope) => {
    expect(scopeProblem(scope)).toBeUndefined();
  });

  it.each(['acme', '@', '@Acme', '@_acme', '@.acme', '@acme/core', '@acme corp', `@${'a'.repeat(101)}`])(
    'cannot be %s, and is told why',
    (scope) => {
      expect(scopeProblem(scope)).toMatch(/^\S.* (?:is no scope|cannot be a scope): it /);
    },
  );
});
