import { describe, expect, it } from 'vitest';
import { titleOf } from './gateway-page.ts';

describe('titleOf', () => {
  it.each([
    ['<html><head><title>ERROR: The request could not be satisfied</title></head></html>', 'ERROR The request could not be satisfied'],
    ['<title>502 Bad Gateway</title>', '502 Bad Gateway'],
    ['<TITLE>\n 504 Gateway Time-out \n</TITLE>', '504 Gateway Time out'],
    ['<title lang="en">503 Service Temporarily Unavailable</title>', '503 Service Temporarily Unavailable'],
    ['<title>403 Forbidden</title>', '403 Forbidden'],
    ['<title>one</title>', undefined],
    ['<title>404</title>', '404'],
  ])('reads %s', (page, title) => {
    expect(titleOf(page)).toBe(title);
  });

  it.each([
    ['no title', '<html><body>502 Bad Gateway</body></html>'],
    ['an empty title', '<title> </title>'],
    ['no end', '<title>502 Bad Gateway'],
    ['a secret', '<title>502 Bad Gateway hunter2</title>'],
    ['a secret of letters', '<title>Bad Request: correcthorse</title>'],
    ['a longer number', '<title>Request 12345678 failed</title>'],
    ['an address', '<title>https://demo.biapi.pro/2.0/users/me is down</title>'],
    ['a token', '<title>Error Zm9vYmFy+/==</title>'],
    ['a tag in it', '<title>502 <b>Bad</b> Gateway</title>'],
    ['a title of many characters', `<title>${'error '.repeat(50)}</title>`],
  ])('gives nothing for %s', (_, page) => {
    expect(titleOf(page)).toBeUndefined();
  });

  it('gives at most 60 characters', () => {
    expect(titleOf(`<title>${'error '.repeat(19)}</title>`)).toHaveLength(60);
  });
});
