import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Report, runMainJob } from './main-job.ts';
import { printed } from './print.ts';
import { registry } from './providers.ts';
import { openWire, type Wire } from './wire.ts';

const counts = ({ steps }: Report): readonly unknown[] =>
  steps.map(({ name, asked, failed, tokenCalls, dataCalls }) => [name, asked, failed, tokenCalls, dataCalls]);

/** What comes after the secret or the token has ended. */
const LAST = {
  finicity: [
    ['the secret is rotated', 50, 0, 2, 100],
    ['a new process has the new secret', 50, 0, 1, 50],
  ],
  budgea: [["the user's token is revoked", 50, 0, 2, 50]],
};

describe.each(registry.plugins.map(({ id }) => id))('the main job at %s', (id) => {
  let wire: Wire;
  let report: Report;

  beforeAll(async () => {
    wire = await openWire(id, {});
    report = await runMainJob(wire);
  });
  afterAll(() => wire.close());

  it('asks once for each token, renews once, tries a wrong secret once, and fails no call that it need not', () => {
    expect(counts(report)).toEqual([
      ['200 calls at once', 200, 0, 1, 200],
      ['the vendor ends the token', 50, 0, 1, 100],
      ['a wrong secret, 3 times 50 calls', 150, 150, 1, 0],
      ...LAST[id],
    ]);
  });

  it('says which option is wrong, and prints no secret', () => {
    const fields = registry.plugins.flatMap((plugin) => plugin.fields.map((field) => ({ ...field, id: plugin.id })));
    const secret = fields.find((field) => field.id === id && field.secret);
    expect(report.error).toMatchObject({
      code: 'invalid_credentials',
      provider: id,
      message: expect.stringContaining(`${secret?.variable}`),
    });
    const secrets = fields.flatMap(({ variable, secret: isSecret }) => (isSecret ? (wire.environment[variable] ?? []) : []));
    expect(secrets.length).toBeGreaterThan(0);
    for (const value of secrets) expect(printed(id, wire, report)).not.toContain(value);
  });
});

describe('the main job with credentials of a vendor', () => {
  it('leaves out what would break an account, and does not look at the wire', async () => {
    // The sandbox plays the vendor here: the job is told no more than an environment with credentials.
    const vendor = await openWire('finicity', {});
    const wire = await openWire('finicity', vendor.environment);
    const report = await runMainJob(wire);
    await vendor.close();
    expect(wire.sandbox).toBeUndefined();
    expect(counts(report)).toEqual([['200 calls at once', 200, 0, undefined, undefined]]);
    expect(printed('finicity', wire, report)).toContain('were left out');
  });
});

describe('the source of the main job', () => {
  it('names no vendor', () => {
    const source = readFileSync(new URL('./main-job.ts', import.meta.url), 'utf8');
    for (const { id } of registry.plugins) expect(source.toLowerCase()).not.toContain(id);
  });
});
