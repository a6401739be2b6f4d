import { expect, it } from 'vitest';
import { groupOf } from './groups.ts';

it.each([
  ['@auth/core', 'src/provider.ts', 'Authority', 'Contract'],
  ['@auth/core', 'src/provider.ts', 'Token', 'Tokens'],
  ['@auth/core', 'src/kit/http.ts', 'createHttp', 'HTTP'],
  ['@auth/budgea', 'src/webview.ts', 'WebviewFlow', 'Capability: connect'],
  ['@acme/core', 'src/store.ts', 'Store', 'Stores'],
])('%s %s %s belongs to %s', (packageName, file, name, group) => {
  expect(groupOf(packageName, file, name)).toBe(group);
});

it('knows the skeleton of a provider that is new', () => {
  expect(groupOf('@auth/acme', 'src/acme.ts', 'acme')).toBe('Provider');
  expect(groupOf('@auth/acme', 'src/users.ts', 'AcmeUsers')).toBe('Capability: users');
});

it('does not guess', () => {
  expect(groupOf('@auth/core', 'src/new.ts', 'New')).toBeUndefined();
});
