import { describe, expect, it } from 'vitest';
import { webviewUrl, webviewUrlOf } from './webview.ts';

const host = { webviewUrl: 'https://webview.powens.com/', domain: 'demo.biapi.pro', clientId: '17' };
const query = (url: URL): Record<string, string> => Object.fromEntries(url.searchParams);

describe('webviewUrlOf', () => {
  it.each([
    ['https://demo.biapi.pro/2.0/', 'https://webview.powens.com/'],
    ['https://demo-sandbox.biapi.pro/2.0/', 'https://webview.powens.com/'],
    ['http://127.0.0.1:8080/2.0/', 'http://127.0.0.1:8080/2.0/auth/webview/'],
    ['https://demo.biapi.pro.example/2.0/', 'https://demo.biapi.pro.example/2.0/auth/webview/'],
  ])('finds the pages of %s at %s', (baseUrl, expected) => {
    expect(webviewUrlOf(baseUrl)).toBe(expected);
  });
});

describe('webviewUrl', () => {
  it('opens the connect page in English unless told otherwise', () => {
    const url = webviewUrl(host, { flow: 'connect', redirectUri: 'https://app.example/back', state: 's', code: 'c' });
    expect(url.origin + url.pathname).toBe('https://webview.powens.com/en/connect');
    expect(query(url)).toEqual({
      domain: 'demo.biapi.pro',
      client_id: '17',
      redirect_uri: 'https://app.example/back',
      state: 's',
      code: 'c',
    });
  });

  it.each([
    ['connect', 'fr'],
    ['reconnect', 'de'],
    ['manage', 'pt'],
  ] as const)('opens %s in %s', (flow, language) => {
    expect(webviewUrl(host, { flow, language }).pathname).toBe(`/${language}/${flow}`);
  });

  it('sends every parameter, lists with commas and fields under their connector', () => {
    const url = webviewUrl(host, {
      flow: 'connect',
      connectionId: '5',
      connectorIds: ['1', '2'],
      connectorUuids: ['u1', 'u2'],
      connectorCapabilities: ['bank', 'document'],
      connectorCountry: 'FR',
      accountIbans: ['FR76', 'FR77'],
      accountTypes: ['checking', 'card'],
      accountUsages: ['PRIV', 'ORGA'],
      maxConnections: 3,
      resetCredentials: true,
      connectionSources: ['openapi', 'directaccess'],
      prefilled: { u1: { login: 'me & you' } },
    });
    expect(query(url)).toEqual({
      domain: 'demo.biapi.pro',
      client_id: '17',
      connection_id: '5',
      connector_ids: '1,2',
      connector_uuids: 'u1,u2',
      connector_capabilities: 'bank,document',
      connector_country: 'FR',
      account_ibans: 'FR76,FR77',
      account_types: 'checking,card',
      account_usages: 'PRIV,ORGA',
      max_connections: '3',
      reset_credentials: 'true',
      connection_sources: 'openapi,directaccess',
      'u1.login': 'me & you',
    });
  });

  it('writes a space so that every decoder reads one', () => {
    const url = webviewUrl(host, { flow: 'connect', prefilled: { u1: { login: 'me & you' } } });
    expect(url.search).toContain('&u1.login=me%20%26%20you');
  });

  it('encodes plus and slash of a code, so that neither becomes something else on the way', () => {
    const url = webviewUrl(host, { flow: 'connect', code: 'a+b/c==' });
    expect(url.search).toContain('code=a%2Bb%2Fc%3D%3D');
  });
});
