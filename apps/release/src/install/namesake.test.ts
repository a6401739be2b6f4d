import { describe, expect, it } from 'vitest';
import { versionIn } from './namesake.ts';

describe('whether another project has our name', () => {
  const refused = (code: string) => ({ code: 1, out: JSON.stringify({ error: { code } }), err: `npm error code ${code}` });

  it('is told by the version that it has', () => {
    expect(versionIn({ code: 0, out: '"0.41.3"\n', err: 'npm warn of something' })).toBe('0.41.3');
  });

  it('is denied only by a registry that has no such package', () => {
    expect(versionIn(refused('E404'))).toBeUndefined();
  });

  it.each(['ENOTFOUND', 'ECONNREFUSED', 'E401', 'E500'])('stays open after %s, which is an error', (code) => {
    expect(versionIn(refused(code))).toEqual(new Error(`npm did not tell whether there is such a package: npm error code ${code}`));
  });

  it('stays open where npm said nothing', () => {
    expect(versionIn({ code: 1, out: '', err: 'Ended by SIGTERM.' })).toBeInstanceOf(Error);
  });
});
