import { describe, expect, it } from 'vitest';
import { readWords, UsageError, usage, version } from './words.ts';

const given = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '');
const defaults = {
  vendors: ['finicity', 'budgea'],
  port: 0,
  host: '127.0.0.1',
  profile: 'powens',
  plan: 'test',
  seed: undefined,
  quiet: false,
  json: false,
};

describe('the words of the command line', () => {
  it('start both sandboxes on free ports of the loopback interface when there are none', () => {
    expect(readWords([])).toEqual(defaults);
  });

  it.each([
    ['finicity', { vendors: ['finicity'] }],
    ['budgea', { vendors: ['budgea'] }],
    ['all', {}],
    ['--port 4010', { port: 4010 }],
    ['--port=0', { port: 0 }],
    ['finicity --port 65535', { vendors: ['finicity'], port: 65_535 }],
    ['--host ::1', { host: '::1' }],
    ['budgea --profile 2019', { vendors: ['budgea'], profile: '2019' }],
    ['--profile=powens budgea', { vendors: ['budgea'] }],
    ['finicity --plan production', { vendors: ['finicity'], plan: 'production' }],
    ['--seed demo', { seed: 'demo' }],
    ['--seed=--quiet', { seed: '--quiet' }],
    ['--quiet --json', { quiet: true, json: true }],
    ['--no-quiet', {}],
  ])('are understood: %s', (line, expected) => {
    expect(readWords(given(line))).toEqual({ ...defaults, ...expected });
  });

  it.each([
    ['plaid', 'The sandbox is one of finicity, budgea, all, not "plaid".'],
    ['finicity budgea', 'One of finicity, budgea, all, not 2 words.'],
    ['--profile 2020', '--profile is one of 2019, powens, not "2020".'],
    ['finicity --profile 2019', '--profile is for budgea.'],
    ['--plan gold', '--plan is one of test, production, not "gold".'],
    ['budgea --plan test', '--plan is for finicity.'],
    ['--colour', 'There is no option --colour.'],
    ['-x', 'There is no option -x.'],
    ['--no-colour', 'There is no option --colour.'],
    ['finicity --port 65536', '--port is a number from 0 to 65535, not "65536"; 0 stands for a free one.'],
    ['--port 65535', '--port is a number from 0 to 65534, not "65535"; 0 stands for a free one.'],
    ['--port -1', '--port needs a value, as in --port=…'],
    ['--port 1e3', '--port is a number from 0 to 65534, not "1e3"; 0 stands for a free one.'],
    ['--port', '--port needs a value, as in --port=…'],
    ['--host=', '--host needs a value, as in --host=…'],
    ['--no-port', '--port needs a value, as in --port=…'],
    ['--seed --quiet', '--seed needs a value, as in --seed=…'],
  ])('are refused with what is allowed: %s', (line, message) => {
    expect(() => readWords(given(line))).toThrow(new UsageError(message));
  });

  it.each([
    ['--help', 'help'],
    ['-h', 'help'],
    ['plaid --help', 'help'],
    ['--version', 'version'],
    ['-v', 'version'],
  ])('ask for a text: %s', (line, expected) => {
    expect(readWords(given(line))).toBe(expected);
  });
});

describe('the usage', () => {
  it('names every word, without control characters', async () => {
    const text = await usage({ colours: false });
    for (const word of [
      'VENDOR',
      '--port',
      '--host',
      '--profile',
      '--plan',
      '--seed',
      '--quiet',
      '--json',
      '--help',
      '--version',
      version(),
    ]) {
      expect(text).toContain(word);
    }
    expect(text).not.toMatch(/[^\n\x20-\x7e]/);
  });
});
