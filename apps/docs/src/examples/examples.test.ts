import { describe, expect, it } from 'vitest';
import { type Block, blocksOf } from './blocks.ts';
import { complaintOf, isChecked, moduleOf } from './modules.ts';

const block = (facts: Partial<Block>): Block => ({
  source: 'a.md',
  line: 1,
  language: 'ts',
  mark: '',
  code: '',
  package: undefined,
  ...facts,
});

describe('blocks', () => {
  it('are found with their line, language and mark', () => {
    const text = 'Text\n\n```ts runnable\nconst a = 1;\n```\n\n- a list\n\n  ```sh\n  ls\n  ```\n';
    expect(blocksOf('a.md', text, 'core')).toEqual([
      { source: 'a.md', line: 4, language: 'ts', mark: 'runnable', code: 'const a = 1;\n', package: 'core' },
      { source: 'a.md', line: 10, language: 'sh', mark: '', code: 'ls\n', package: 'core' },
    ]);
  });
});

describe('marks', () => {
  it.each([
    ['ts', '', true],
    ['ts', 'runnable', true],
    ['ts', 'unchecked: it imports files that are yours', false],
    ['sh', '', false],
  ])('%s %s is in order', (language, mark, checked) => {
    expect(complaintOf(block({ language, mark }))).toBeUndefined();
    expect(isChecked(block({ language, mark }))).toBe(checked);
  });

  it.each([
    ['ts', 'unchecked'],
    ['ts', 'unchecked: no'],
    ['ts', 'run'],
    ['js', ''],
    ['sh', 'runnable'],
  ])('%s %s is not', (language, mark) => {
    expect(complaintOf(block({ language, mark }))).toBeTypeOf('string');
  });
});

describe('modules', () => {
  it('of guides get nothing that they do not import', () => {
    expect(moduleOf(block({ code: 'authorizedFetch(provider);' }), 1).text).toBe('\nauthorizedFetch(provider);\nexport {};\n');
  });

  it('of doc comments get our exports, and what a product has', () => {
    const { text } = moduleOf(block({ package: 'finicity', code: 'authorizedFetch(provider.asUser(userId));' }), 1);
    expect(text).toContain("import { authorizedFetch } from '@auth/core';");
    expect(text).toContain("declare const provider: OfFinicity['provider'];");
    expect(text).toContain("declare const userId: Everywhere['userId'];");
  });

  it('keep what an example declares itself, and are not misled by properties and words in texts', () => {
    const { text } = moduleOf(block({ package: 'core', code: "const provider = acme.managed('authorizedFetch');" }), 1);
    expect(text.split('\n')[0]?.trim()).toBe('');
  });
});
