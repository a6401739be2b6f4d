import { describe, expect, it } from 'vitest';
import { lineOf, missed } from './offline.ts';

describe('what is missing', () => {
  const reason = 'it could not be installed';

  it('is left out on a machine of somebody, and is said in one line', () => {
    const missing = missed('Engine', reason, { isStrict: false });
    expect(missing).toEqual({ name: 'Engine', reason, isFailure: false });
    expect(lineOf(missing)).toBe('left   Engine: it could not be installed');
  });

  it('is a failure in CI, whose line says where an exception would stand', () => {
    const missing = missed('Engine', reason, { isStrict: true });
    expect(missing).toEqual({ name: 'Engine', reason, isFailure: true });
    expect(lineOf(missing)).toMatch(/^FAILED Engine: it could not be installed \(.*offline\.ts/);
  });

  it('is none in CI where it is known to be unreachable, by its name', () => {
    const unreachable = { Engine: 'nobody publishes it' };
    expect(missed('Engine', reason, { unreachable, isStrict: true })).toEqual({
      name: 'Engine',
      reason: 'nobody publishes it',
      isFailure: false,
    });
    expect(missed('engine', reason, { unreachable, isStrict: true }).isFailure).toBe(true);
  });
});
