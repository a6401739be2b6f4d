import { expect, it } from 'vitest';
import { baseUrlOf, domainHint, domainOf, hostOf } from './domain.ts';

it.each([
  ['demo', 'demo'],
  ['a1-b2-c3', 'a1-b2-c3'],
  ['DEMO', 'demo'],
  ['  demo\n', 'demo'],
  ['Demo-Sandbox.BIAPI.pro', 'demo-sandbox'],
  ['https://demo.biapi.pro', 'demo'],
  ['https://DEMO.biapi.pro/2.0/users/me?all', 'demo'],
  [' https://demo.biapi.pro:443/ ', 'demo'],
])('takes %j for the domain %s', (given, name) => {
  expect([domainOf(given), hostOf(given), baseUrlOf(given)]).toEqual([name, `${name}.biapi.pro`, `https://${name}.biapi.pro/2.0/`]);
});

it.each<[unknown, RegExp]>([
  [7, /not a string/],
  ['', /empty/],
  ['  ', /empty/],
  ['my bank', /a space or a line break/],
  ['demo\n.biapi.pro', /a space or a line break/],
  ['demo.biapi.pro/2.0/', /a path: leave it out/],
  ['demo:8443', /a port/],
  ['data:demo', /another scheme/],
  ['me@example.com', /email address/],
  ['demo.example.com', /a host outside biapi\.pro: .*baseUrl \(BUDGEA_BASE_URL\)/],
  ['demo.biapi.pro.example.com', /a host outside biapi\.pro/],
  ['127.0.0.1', /a host outside biapi\.pro/],
  ['http://localhost:3000/2.0/', /the URL of a sandbox or proxy on this machine: set it as baseUrl \(BUDGEA_BASE_URL\)/],
  ['HTTPS://127.0.0.1/', /on this machine/],
  ['http://[::1]:3000/', /on this machine/],
  ['https://demo.example.com/2.0/', /the URL of another host: set it as baseUrl/],
  ['https://demo.biapi.pro@example.com/', /the URL of another host/],
  ['https://demo', /the URL of another host/],
  ['https://biapi.pro', /the URL of another host/],
  ['https://', /not a valid URL/],
  ['https://demo.biapi.pro:8443/2.0/', /a port/],
  ['https://a.demo.biapi.pro', /a subdomain/],
  ['https://a.demo.biapi.pro/2.0/', /the part before \.biapi\.pro is not a valid name/],
  ['a.demo.biapi.pro', /a subdomain/],
  ['.biapi.pro', /letters from a to z/],
  ['demobiapi.pro', /a host outside biapi\.pro/],
  ['-demo', /a hyphen has to be between/],
  ['demo-', /a hyphen has to be between/],
  ['Demo--Sandbox.BIAPI.pro', /a hyphen has to be between/],
  ['demo_sandbox', /letters from a to z, digits and single hyphens/],
  ['dеmo', /letters from a to z/],
])('does not take %j, and says what it seems to be', (given, hint) => {
  if (typeof given === 'string') expect(domainOf(given)).toBeUndefined();
  expect(domainHint(given)).toMatch(hint);
});

it.each(['hunter2_x', 'hunter2 x', 'hunter2/x', 'hunter2.example', 'https://hunter2.example/'])('quotes nothing of %s', (given) => {
  expect(domainHint(given)).not.toContain('hunter2');
});
