import { describe, expect, it } from 'vitest';
import { foundAfter, troubleIn } from './installation.ts';

const UNREACHED = 'tcp connect error: Connection refused (os error 111)';
const ended = (code: number, out: string, err = '') => ({ code, out, err });

describe('what pnpm says of an installation', () => {
  it('is no trouble where all could be had', () => {
    expect(troubleIn(ended(0, 'Done in 1.3s using pnpm v12.21.0'))).toBeUndefined();
  });

  it('is that of a registry which cannot be reached, for a dependency that is optional', () => {
    const line = `ERR_PNPM_TARBALL_FETCH_TARBALL: Failed to fetch http://127.0.0.1:9/ws/-/ws-8.21.0.tgz: error sending request: ${UNREACHED}`;
    expect(troubleIn(ended(0, `[WARN] ws@8.21.0 is an optional dependency\n${line}\nAlready up to date`))).toEqual({
      sentence: line,
      isOffline: true,
      isStale: false,
    });
  });

  it('is that of metadata which the cache lacks and nobody can be asked for', () => {
    const err = [
      'Error: ERR_PNPM_META_FETCH_FAIL',
      '',
      '  × installing dependencies',
      '  ╰─▶ ERR_PNPM_RESOLVING_NPM_RESOLVER_NETWORK_ERROR: Failed to fetch metadata',
      '      from http://127.0.0.1:9/@cloudflare%2Fworkerd-windows-64: error sending',
    ].join('\n');
    const trouble = troubleIn(ended(1, '✗ Lockfile failed supply-chain policy check', err));
    expect(trouble).toMatchObject({ isOffline: true, isStale: true });
    expect(trouble?.sentence).toBe('ERR_PNPM_RESOLVING_NPM_RESOLVER_NETWORK_ERROR: Failed to fetch metadata');
  });

  it('is more than that where contents differ from the lockfile, whatever else could not be had', () => {
    const offline = 'ERR_PNPM_NO_OFFLINE_TARBALL: Failed to fetch tarball for ws@8.21.0';
    const wrong = 'ERR_PNPM_TARBALL_INTEGRITY: Failed to verify the integrity of https://packages.invalid/ky-2.1.0.tgz';
    expect(troubleIn(ended(0, `${offline}\n${wrong}`))).toEqual({ sentence: wrong, isOffline: false, isStale: false });
  });

  it('is more than that where a manifest does not fit', () => {
    const trouble = troubleIn(ended(1, '', 'Error: ERR_PNPM_OUTDATED_LOCKFILE\n\n  ╰─▶ the lockfile is not up to date'));
    expect(trouble).toEqual({ sentence: 'ERR_PNPM_OUTDATED_LOCKFILE the lockfile is not up to date', isOffline: false, isStale: true });
  });

  it('is more than that where pnpm says nothing that is known', () => {
    expect(troubleIn(ended(127, '', 'spawn pnpm ENOENT'))).toEqual({
      sentence: 'pnpm install ended with 127. spawn pnpm ENOENT',
      isOffline: false,
      isStale: true,
    });
  });
});

it('finds nothing of what is of another day', () => {
  const trouble = { sentence: '', isOffline: true, isStale: true };
  expect(foundAfter(trouble)('*')).toBeUndefined();
});
