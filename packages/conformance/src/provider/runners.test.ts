import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fixtureOf } from '../../test/acme-fixture.ts';
import { providerContract } from '../index.ts';

const runner = fileURLToPath(new URL('../../test/runner.ts', import.meta.url));

it('needs no runner of its own: node --test takes it as it is', async () => {
  // Without what says that a runner is at work already.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const args = ['--conditions=workspace-source', '--test-reporter=tap', runner];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(stdout).toContain('# fail 0');
  for (const { name } of providerContract(fixtureOf()))
    expect(stdout).toMatch(new RegExp(`^ok \\d+ - ${name.replaceAll('.', '\\.')}`, 'm'));
});
