import { hasRedis, startRedis } from '@auth/scripts/redis';
import { installed } from '../runtimes/installation.ts';
import { next } from './next.ts';
import { program, type Row, ran } from './row.ts';

const onNode = (version: 20 | 22): Row => {
  const node = installed(`node${version}/bin/node`);
  return program(
    `Express, CommonJS by require, Node ${version}`,
    'express',
    { args: ['main.js'], node },
    node ? undefined : 'it could not be installed',
  );
};

const CANNOT_STOP = process.platform === 'win32' ? 'Windows cannot stop a process' : undefined;
const TSC = 'node_modules/typescript/bin/tsc';

/** The longest first. To be called when the other versions of Node are there. */
export const rows = (): readonly Row[] => [
  next('Next 14', 'next14'),
  next('Next 16', 'next16'),
  {
    name: 'NestJS, TypeScript with `nodenext`, compiled to CommonJS',
    product: 'nest',
    run: async (product, vendors) => {
      await ran(product, vendors, { args: [TSC, '-p', 'tsconfig.json', '--pretty', 'false'] });
      await program('', '', { args: ['dist/main.js'] }).run(product, vendors);
    },
  },
  {
    name: 'Jest, by the recipe of the guide',
    product: 'jest',
    run: async (product, vendors) => {
      await ran(product, vendors, { args: ['node_modules/jest/bin/jest.js', '--ci'] });
    },
  },
  {
    name: 'vitest',
    product: 'vitest',
    run: async (product, vendors) => {
      await ran(product, vendors, { args: ['node_modules/vitest/vitest.mjs', 'run'] });
    },
  },
  program('Express, CommonJS by require, Node 24', 'express', { args: ['main.js'] }),
  onNode(22),
  onNode(20),
  program('a CONNECT proxy, a private authority and a client certificate', 'proxy', { args: ['main.ts'] }),
  program('stopped in the middle of a renewal, and frozen between two invocations', 'frozen', { args: ['main.js'] }, CANNOT_STOP),
  {
    name: 'Redis: pipelined clients, and one over HTTP',
    product: 'redis',
    missing: hasRedis ? undefined : 'redis-server is not installed',
    run: async (product, vendors) => {
      const { url, stop } = await startRedis();
      try {
        await program('', '', { args: ['main.js'], env: { REDIS_URL: url } }).run(product, vendors);
      } finally {
        await stop();
      }
    },
  },
];
