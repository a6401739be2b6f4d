import { expect, it } from 'vitest';
import { forgeOf } from './repository.ts';

it.each([
  ['https://forge.example/acme/auth.git', 'https://forge.example/acme/auth'],
  ['https://token@forge.example/acme/auth', 'https://forge.example/acme/auth'],
  ['git@forge.example:acme/auth.git', 'https://forge.example/acme/auth'],
  ['ssh://git@forge.example:2222/acme/auth.git', 'https://forge.example/acme/auth'],
  ['/home/me/auth', undefined],
  ['../auth', undefined],
  ['', undefined],
])('a clone of %s can be read at %s', (remote, url) => {
  expect(forgeOf(remote)).toBe(url);
});
