import { describe, expect, it } from 'vitest';
import { baseUrlOf, domainHint, domainOf } from './domain.ts';

describe('domainOf', () => {
  it.each([
    ['demo', 'demo'],
    ['demo-sandbox', 'demo-sandbox'],
    ['a1-b2-c3', 'a1-b2-c3'],
    ['DEMO', 'demo'],
    ['  demo\n', 'demo'],
    ['demo.biapi.pro', 'demo'],
    ['Demo-Sandbox.BIAPI.pro', 'demo-sandbox'],
    ['https://demo.biapi.pro', 'demo'],
    ['https://demo-sandbox.biapi.pro/2.0/', 'demo-sandbox'],
    ['https://DEMO.biapi.pro/2.0/users/me?all', 'demo'],
    ['https://demo.biapi.pro:443/', 'demo'],
    [' https://demo.biapi.pro ', 'demo'],
  ])('takes %j as %s', (given, name) => {
    expect(domainOf(given)).toBe(name);
    expect(baseUrlOf(given)).toBe(`https://${name}.biapi.pro/2.0/`);
  });

  it.each([
    ['nothing', ''],
    ['spaces', '  '],
    ['the bare suffix', '.biapi.pro'],
    ['the suffix without a name', 'https://biapi.pro'],
    ['a host elsewhere', 'demo.example.com'],
    ['a URL elsewhere', 'https://demo.example.com/2.0/'],
    ['a URL whose host is a bare name', 'https://demo'],
    ['a URL of this machine', 'http://localhost:3000/2.0/'],
    ['an address', '127.0.0.1'],
    ['a URL of an address', 'https://127.0.0.1/'],
    ['a host that only begins like one', 'demo.biapi.pro.example.com'],
    ['a host that only ends like one', 'demobiapi.pro'],
    ['a name below a name', 'a.demo.biapi.pro'],
    ['another port', 'https://demo.biapi.pro:8443/2.0/'],
    ['a user before another host', 'https://demo.biapi.pro@example.com/'],
    ['no scheme but a path', 'demo.biapi.pro/2.0/'],
    ['another scheme', 'data:demo'],
    ['a hyphen at the end', 'demo-'],
    ['two hyphens in a row', 'demo--sandbox'],
    ['an underscore', 'demo_sandbox'],
    ['a letter that looks like one', 'dеmo'],
    ['a line break within', 'demo\n.biapi.pro'],
  ])('does not take %s', (_, given) => {
    expect(domainOf(given)).toBeUndefined();
  });
});

describe('domainHint', () => {
  it.each<[unknown, RegExp]>([
    [7, /not a string/],
    ['  ', /empty/],
    ['my bank', /a space or a line break/],
    ['demo.biapi.pro/2.0/', /a path: leave it out/],
    ['demo:8443', /a port/],
    ['mailto:me', /another scheme/],
    ['me@example.com', /email address/],
    ['demo.example.com', /a host outside biapi\.pro: .*baseUrl \(BUDGEA_BASE_URL\)/],
    ['http://localhost:3000/2.0/', /the URL of a sandbox or proxy on this machine: set it as baseUrl \(BUDGEA_BASE_URL\)/],
    ['http://127.0.0.1:3000/', /on this machine/],
    ['https://demo.example.com/2.0/', /the URL of another host: set it as baseUrl/],
    ['https://demo', /the URL of another host/],
    ['https://', /not a valid URL/],
    ['https://demo.biapi.pro:8443/2.0/', /a port/],
    ['https://a.demo.biapi.pro', /a subdomain/],
    ['a.demo.biapi.pro', /a subdomain/],
    ['.biapi.pro', /letters from a to z/],
    ['-demo', /a hyphen has to be between/],
    ['demo--sandbox.biapi.pro', /a hyphen has to be between/],
    ['demo_sandbox', /letters from a to z, digits and single hyphens/],
    ['dеmo', /letters from a to z/],
  ])('says of %j what it seems to be', (given, hint) => {
    expect(domainHint(given)).toMatch(hint);
  });

  it('quotes nothing of it', () => {
    for (const given of ['hunter2_x', 'hunter2 x', 'hunter2/x', 'hunter2.example', 'https://hunter2.example/'])
      expect(domainHint(given)).not.toContain('hunter2');
  });
});
