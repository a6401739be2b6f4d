import { describe, expect, it } from 'vitest';
import { curlOf } from './curl.ts';

const known = new Map([['s3cret-of-the-partner', 'ACME_SECRET']]);
const request = { method: 'POST', url: 'https://api.acme.example/v2/token', headers: new Headers(), body: undefined };

describe('a curl line', () => {
  it('has a variable in the place of everything that could be somebody’s', () => {
    const SENTINELS = [
      's3cret-of-the-partner',
      'tok-123',
      '1005061234',
      'c0de',
      'sign4ture',
      'Jane',
      'Q29va2ll',
      'x9F-long-opaque-segment',
    ];
    const curl = curlOf(
      {
        method: 'PUT',
        url: 'https://api.acme.example/v2/customers/1005061234/x9F-long-opaque-segment?code=c0de&limit=5&signature=sign4ture',
        headers: new Headers({
          authorization: 'Bearer tok-123',
          'acme-app-token': 'tok-123',
          cookie: 'a=Q29va2ll',
          'content-type': 'application/json',
        }),
        body: JSON.stringify({
          secret: 's3cret-of-the-partner',
          user: { firstName: 'Jane', ids: [1005061234] },
          type: 'testing',
          active: true,
        }),
      },
      known,
    );
    for (const sentinel of SENTINELS) expect(curl).not.toContain(sentinel);
    expect(curl).toBe(`curl -X PUT "https://api.acme.example/v2/customers/$CUSTOMER_ID/$PATH_ID?code=$CODE&limit=5&signature=$SIGNATURE" \\
  -H "Acme-App-Token: $ACME_APP_TOKEN" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -H "Cookie: $COOKIE" \\
  --data-binary @- <<BODY
{
  "secret": "$ACME_SECRET",
  "user": {
    "firstName": "$FIRST_NAME",
    "ids": [
      "$IDS"
    ]
  },
  "type": "testing",
  "active": true
}
BODY`);
  });

  it('names a value of the settings wherever it is', () => {
    const curl = curlOf({ ...request, headers: new Headers({ 'x-any': 's3cret-of-the-partner' }) }, known);
    expect(curl).toContain('-H "X-Any: $ACME_SECRET"');
  });

  it('shows the names of a form and not its values', () => {
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
    expect(curlOf({ ...request, headers, body: 'grant_type=code&code=c0de' }, known)).toContain('grant_type=code&code=$CODE');
  });

  it('shows nothing of a body that it cannot read', () => {
    const headers = new Headers({ 'content-type': 'application/json' });
    expect(curlOf({ ...request, headers, body: 'tok-123' }, known)).toContain('$BODY_OF_7_CHARACTERS');
    expect(curlOf({ ...request, body: 'tok-123' }, known)).not.toContain('tok-123');
  });

  it('leaves nothing for the shell to run', () => {
    const headers = new Headers({ accept: 'a"; $(rm) `x` \\' });
    expect(curlOf({ ...request, method: 'GET', headers }, known)).toBe(
      'curl "https://api.acme.example/v2/token" \\\n  -H "Accept: a_; _(rm) _x_ _"',
    );
  });
});
