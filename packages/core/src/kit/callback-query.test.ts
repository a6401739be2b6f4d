import { describe, expect, it } from 'vitest';
import { readCallback } from './callback-query.ts';

describe('readCallback', () => {
  it.each([
    ['https://app.example/back?code=abc', ['abc']],
    ['/back?code=abc', ['abc']],
    ['?code=abc', ['abc']],
    ['/back?other=1&code=abc#code=fragment', ['abc']],
    ['/back?code=a%2Bb%2Fc%3D', ['a+b/c=']],
    ['/back?code=a+b/c=', ['a+b/c=']],
    ['/back?code=one&code=two', ['one', 'two']],
    ['/back?code=&code=two', ['two']],
    ['/back?%63ode=abc', ['abc']],
    ['/back?code', []],
    ['/back?code=', []],
    ['/back', []],
    ['', []],
    ['/back?code=%E0%A4%A', ['%E0%A4%A']],
    ['/back?encode=abc', []],
    ['/back?a=?code=1', []],
  ])('reads the code of %s', (url, values) => {
    expect(readCallback(url).values('code')).toEqual(values);
  });

  it('finds nothing of what objects have anyway', () => {
    expect(readCallback('/back?a=1').values('constructor')).toEqual([]);
  });
});
