import { describe, expect, it } from 'vitest';
import { packagesOf } from '../workspace.ts';
import { firstSteps, firstStepsOf } from './readme.ts';

describe('the first steps of a README', () => {
  const text = [
    ...['# Acme', '```ini', '@acme:registry=…', '```', '```sh', 'npm install --save-dev @acme/core redis', '```'],
    ...['Then', '```sh', 'touch key', 'chmod 600 key', '```', '```ts', "import '@acme/core';", '```', '```sh', 'node later.ts', '```', ''],
  ].join('\n');

  it('are what to install, what to type, and the example', () => {
    expect(firstSteps(text)).toEqual({
      installs: ['@acme/core', 'redis'],
      commands: ['touch key', 'chmod 600 key'],
      example: "import '@acme/core';\n",
    });
  });

  it.each([
    ['nothing to install', text.replace('npm install', 'npm ci')],
    ['no example', text.replace('```ts', '```js')],
  ])('are missing where there is %s', (_, without) => {
    expect(() => firstSteps(without)).toThrow('no line `npm install …`');
  });

  it.each(packagesOf())('of $name install it, and import it', ({ name, folder }) => {
    const { installs, example } = firstStepsOf(folder);
    expect(installs).toContain(name);
    for (const [, specifier = ''] of example.matchAll(/from '([^'.]+)'/g))
      if (!specifier.startsWith('node:'))
        expect(installs).toContain(
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    expect(example).toContain(`from '${name}`);
  });
});
