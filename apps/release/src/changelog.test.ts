import { describe, expect, it } from 'vitest';
import { getDependencyReleaseLine, getReleaseLine } from './changelog.ts';

describe('an entry of a changelog', () => {
  it('is what the changeset says, as one item of a list', () => {
    expect(getReleaseLine({ summary: 'Renews earlier.\n\nWrites less.\n' })).toBe('- Renews earlier.\n\n  Writes less.');
  });

  it('says once what comes along, however many changes that has', () => {
    const changes = [{ summary: 'One.' }, { summary: 'Another.' }];
    const updated = [
      { name: '@acme/store', newVersion: '2.0.0' },
      { name: '@acme/core', newVersion: '1.4.0' },
    ];
    expect(getDependencyReleaseLine(changes, updated)).toBe('- Needs `@acme/core` ^1.4.0, `@acme/store` ^2.0.0.');
  });

  it('is left out where nothing comes along', () => {
    expect(getDependencyReleaseLine([], [])).toBe('');
  });
});
