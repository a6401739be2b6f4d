import { describe, expect, it } from 'vitest';
import { destinationOf, npmrcOf } from './destination.ts';

describe('the destination of a release', () => {
  it('is nowhere until somebody says where, and closed until somebody opens it', () => {
    expect(destinationOf({})).toEqual({ registry: undefined, access: 'restricted', repository: undefined });
    expect(destinationOf({ NPM_REGISTRY: '', NPM_ACCESS: '' }).registry).toBeUndefined();
  });

  it('is what the environment says', () => {
    const env = { NPM_REGISTRY: 'https://npm.acme.example/team', NPM_ACCESS: 'public' };
    expect(destinationOf({ ...env, GITHUB_SERVER_URL: 'https://git.acme.example', GITHUB_REPOSITORY: 'acme/auth' })).toEqual({
      registry: 'https://npm.acme.example/team/',
      access: 'public',
      repository: 'git+https://git.acme.example/acme/auth.git',
    });
  });

  it.each([
    'npm.acme.example',
    'http://npm.acme.example/',
    'ftp://127.0.0.1/',
    'https://me:secret@npm.acme.example/',
    'https://npm.acme.example/?token=secret',
  ])('is not %s, and the error does not repeat it', (registry) => {
    expect(() => destinationOf({ NPM_REGISTRY: registry })).toThrow(
      /^NPM_REGISTRY is no https URL without a user and a query: \S+ is one\. http is for localhost and 127\.0\.0\.1 only\.$/,
    );
  });

  it.each(['http://localhost:4873/', 'http://127.0.0.1:4873/'])('may be %s, on this machine', (registry) => {
    expect(destinationOf({ NPM_REGISTRY: registry }).registry).toBe(registry);
  });

  it('is public or restricted, nothing else', () => {
    expect(() => destinationOf({ NPM_ACCESS: 'private' })).toThrow('NPM_ACCESS is private. Set it to public or to restricted.');
  });
});

describe('the lines of `.npmrc`', () => {
  it('name the scope, and leave the token in its variable', () => {
    expect(npmrcOf('@acme', 'https://npm.acme.example/', true)).toBe(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own form of a variable
      '@acme:registry=https://npm.acme.example/\n//npm.acme.example/:_authToken=${NPM_TOKEN}\n',
    );
  });

  it('have no token where a trusted publisher needs none', () => {
    expect(npmrcOf('@acme', 'https://npm.acme.example/', false)).toBe('@acme:registry=https://npm.acme.example/\n');
  });
});
