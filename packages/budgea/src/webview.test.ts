import { describe, expect, it } from 'vitest';
import { type WebviewParameters, webviewUrl, webviewUrlOf } from './webview.ts';

const host = { webviewUrl: 'https://webview.powens.com/', domain: 'demo.biapi.pro', clientId: '17' };
const HOST = { domain: 'demo.biapi.pro', client_id: '17' };

it.each([
  ['https://demo.biapi.pro/2.0/', 'https://webview.powens.com/'],
  ['http://127.0.0.1:8080/2.0/', 'http://127.0.0.1:8080/2.0/auth/webview/'],
  ['https://demo.biapi.pro.example/2.0/', 'https://demo.biapi.pro.example/2.0/auth/webview/'],
])('webviewUrlOf finds the pages of %s at %s', (baseUrl, expected) => {
  expect(webviewUrlOf(baseUrl)).toBe(expected);
});

describe('webviewUrl', () => {
  it.each([
    ['connect', undefined, 'https://webview.powens.com/en/connect'],
    ['reconnect', 'de', 'https://webview.powens.com/de/reconnect'],
    ['manage', 'pt', 'https://webview.powens.com/pt/manage'],
  ] as const)('opens %s in the language %s at %s, with no more than the host', (flow, language, expected) => {
    const url = webviewUrl(host, { flow, language });
    expect(url.origin + url.pathname).toBe(expected);
    expect(Object.fromEntries(url.searchParams)).toEqual(HOST);
  });

  it.each<[Partial<WebviewParameters>, string, string]>([
    [{ redirectUri: 'https://app.example/back' }, 'redirect_uri', 'https://app.example/back'],
    [{ code: 'c' }, 'code', 'c'],
    [{ state: 's' }, 'state', 's'],
    [{ connectionId: '5' }, 'connection_id', '5'],
    [{ connectorIds: ['1', '2'] }, 'connector_ids', '1,2'],
    [{ connectorUuids: ['u1', 'u2'] }, 'connector_uuids', 'u1,u2'],
    [{ connectorCapabilities: ['bank', 'document'] }, 'connector_capabilities', 'bank,document'],
    [{ connectorCountry: 'FR' }, 'connector_country', 'FR'],
    [{ accountIbans: ['FR76', 'FR77'] }, 'account_ibans', 'FR76,FR77'],
    [{ accountTypes: ['checking', 'card'] }, 'account_types', 'checking,card'],
    [{ accountUsages: ['PRIV', 'ORGA'] }, 'account_usages', 'PRIV,ORGA'],
    [{ maxConnections: 3 }, 'max_connections', '3'],
    [{ resetCredentials: true }, 'reset_credentials', 'true'],
    [{ connectionSources: ['openapi', 'directaccess'] }, 'connection_sources', 'openapi,directaccess'],
    [{ prefilled: { u1: { login: 'me & you' } } }, 'u1.login', 'me & you'],
  ])('sends %j as %s=%s', (parameter, name, value) => {
    const { searchParams } = webviewUrl(host, { flow: 'connect', ...parameter });
    expect(Object.fromEntries(searchParams)).toEqual({ ...HOST, [name]: value });
  });

  it('encodes spaces, plus and slash so that every decoder reads them', () => {
    const { search } = webviewUrl(host, { flow: 'connect', code: 'a+b/c==', prefilled: { u1: { login: 'me & you' } } });
    expect(search).toMatch(/&code=a%2Bb%2Fc%3D%3D&u1\.login=me%20%26%20you$/);
  });
});
