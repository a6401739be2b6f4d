import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { jsonReport, type Served, textReport } from './report.ts';

const plain = { named: false, logged: true, colours: false };
const served: Served = {
  vendor: 'budgea',
  url: 'http://[::1]:4010/2.0/',
  admin: 'http://[::1]:4010/__sandbox',
  environment: { BUDGEA_MANAGE_TOKEN: 'a+b/c=', BUDGEA_BASE_URL: 'http://[::1]:4010/2.0/' },
  also: { usersToken: 'd+e/f=' },
};
const call = { method: 'PUT', path: '/a/b', status: 401, at: new Date(2026, 0, 31, 9, 5, 0, 7).getTime() };

describe('the report for people', () => {
  it('begins with lines that are an .env file', () => {
    const text = textReport(plain).listening([served]);
    expect(text.split('\n')).toEqual([
      '# Budgea: http://[::1]:4010/2.0/',
      '# Admin API: http://[::1]:4010/__sandbox',
      'AUTH_PROVIDER=budgea',
      'BUDGEA_MANAGE_TOKEN=a+b/c=',
      'BUDGEA_BASE_URL=http://[::1]:4010/2.0/',
      '# usersToken: d+e/f=',
      '',
      '# Requests:',
    ]);
    expect(parseEnv(text)).toEqual({ AUTH_PROVIDER: 'budgea', ...served.environment });
  });

  it('quotes a value that needs it', () => {
    const text = textReport(plain).listening([{ ...served, environment: { BUDGEA_DOMAIN: 'a b#c$d' } }]);
    expect(text).toContain("BUDGEA_DOMAIN='a b#c$d'");
    expect(parseEnv(text)).toMatchObject({ BUDGEA_DOMAIN: 'a b#c$d' });
  });

  it('says nothing of requests that it will not show', () => {
    expect(textReport({ ...plain, logged: false }).listening([served])).not.toContain('Requests');
  });

  it.each([
    [call, '09:05:00.007 PUT    /a/b 401'],
    [{ ...call, query: '?x=***', code: '10001' }, '09:05:00.007 PUT    /a/b?x=*** 401 10001'],
    [{ ...call, method: 'DELETE', status: 0, fault: 'reset' as const }, '09:05:00.007 DELETE /a/b - fault:reset'],
  ])('tells a call in a line: %j', (logged, line) => {
    expect(textReport(plain).call('budgea', logged)).toBe(line);
  });

  it('names the vendor where there are several', () => {
    expect(textReport({ ...plain, named: true }).call('budgea', call)).toBe('09:05:00.007 budgea   PUT    /a/b 401');
  });

  it.each([
    [204, '\u001b[32m204\u001b[39m'],
    [404, '\u001b[33m404\u001b[39m'],
    [502, '\u001b[31m502\u001b[39m'],
    [0, '\u001b[31m-\u001b[39m'],
  ])('gives status %i its colour only where there are colours', (status, coloured) => {
    expect(textReport({ ...plain, colours: true }).call('budgea', { ...call, status })).toContain(coloured);
    expect(textReport(plain).call('budgea', { ...call, status })).not.toContain('\u001b');
  });
});

describe('the report for programs', () => {
  it('has an object on each line', () => {
    const lines = jsonReport.listening([served, { ...served, vendor: 'finicity' }]).split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { type: 'listening', ...served },
      { type: 'listening', ...served, vendor: 'finicity' },
    ]);
    expect(JSON.parse(jsonReport.call('budgea', call))).toEqual({ type: 'call', vendor: 'budgea', ...call });
  });
});
