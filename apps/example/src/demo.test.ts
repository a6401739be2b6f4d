import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { registry } from './providers.ts';
import { openWire } from './wire.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of this folder as a user does, in a process of its own, with this environment only. */
const run = (program: string, environment: Readonly<Record<string, string | undefined>>, ...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const file = fileURLToPath(new URL(program, import.meta.url));
    execFile(process.execPath, ['--conditions=workspace-source', file, ...args], { env: { ...environment } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
  });

describe('the demo', () => {
  it('runs the main job at every vendor and ends by itself', async () => {
    const { code, out, err } = await run('demo.ts', {});
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const { id } of registry.plugins) expect(out).toContain(`AUTH_PROVIDER=${id}`);
  });

  it('runs it at one vendor when AUTH_PROVIDER names it', async () => {
    const { code, out } = await run('demo.ts', { AUTH_PROVIDER: 'budgea' });
    expect([code, out.match(/AUTH_PROVIDER=\w+/g)]).toEqual([0, ['AUTH_PROVIDER=budgea']]);
  });

  it('lists the known vendors when AUTH_PROVIDER names another', async () => {
    const { code, out, err } = await run('demo.ts', { AUTH_PROVIDER: 'plaid' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe("misconfigured: There is no provider 'plaid'. Known: finicity, budgea.\n");
  });

  it('names every variable that is missing beside one that is there', async () => {
    const { code, err } = await run('demo.ts', { AUTH_PROVIDER: 'finicity', FINICITY_PARTNER_ID: '1234583871234' });
    expect(code).toBe(1);
    expect(err).toContain('partnerSecret (FINICITY_PARTNER_SECRET) is missing; appKey (FINICITY_APP_KEY) is missing');
  });
});

describe('the quick start of the README', () => {
  it('is the program of this folder, line by line', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, block] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(block).toBe(readFileSync(new URL('quick-start.ts', import.meta.url), 'utf8'));
  });

  it.each(registry.plugins.map(({ id }) => id))('reads from %s with no more than the environment', async (id) => {
    const wire = await openWire(id, {});
    await using provider = registry.fromEnv(wire.environment);
    const userId = 'users' in provider ? (await provider.users.create({ reference: 'reader' })).id : '1005061234';
    // And without a user, as in a sandbox that has just started.
    for (const ids of [[userId], []]) {
      const { code, out, err } = await run('quick-start.ts', wire.environment, ...ids);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^200 /);
    }
    await wire.close();
  });
});
