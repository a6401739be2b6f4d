import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NEUTRAL, type Row, ran } from './row.ts';
import type { Vendors } from './vendors.ts';

const NEXT = 'node_modules/next/dist/bin/next';

/** A product on Next: built, started, asked as a browser would, and then looked through for what must not be kept. */
export const next = (name: string, product: string): Row => ({
  name: `${name}: a page, a route handler, a server action, static pages, and what its cache has`,
  product,
  run: async (folder, vendors) => {
    const env = { NEXT_TELEMETRY_DISABLED: '1' };
    const output = await ran(folder, vendors, { args: [NEXT, 'build'], env });
    const problems = [...builtProblems(folder)];
    const server = await started(folder, { ...vendors, ...env });
    try {
      problems.push(...(await served(server.url, folder, vendors)));
    } finally {
      server.child.kill();
      await once(server.child, 'exit');
    }
    if (problems.length > 0) throw new Error([...problems, `The build said:\n${output}\nThe server said:\n${server.said()}`].join('\n'));
  },
});

/** What was made while the product was built: what nobody's token has gone into, and nothing else. */
const builtProblems = (folder: string): readonly string[] => {
  const { routes }: { readonly routes: object } = JSON.parse(readFileSync(join(folder, '.next/prerender-manifest.json'), 'utf8'));
  const made = Object.keys(routes);
  return [
    ...['/about', '/banks'].filter((path) => !made.includes(path)).map((path) => `${path} was not made while the product was built.`),
    ...['/', '/connect', '/api/codes'].filter((path) => made.includes(path)).map((path) => `${path} was made once, for everybody.`),
  ];
};

const served = async (url: string, folder: string, vendors: Vendors): Promise<readonly string[]> => {
  const problems: string[] = [];
  const expect = (holds: boolean, otherwise: string): void => void (holds || problems.push(otherwise));

  const pages = [await pageAt(url), await pageAt(url)];
  const handlers = [await jsonAt(`${url}api/codes`), await jsonAt(`${url}api/codes`)];
  const codes = [...pages, ...handlers].flatMap((one) => one['codes'] as string[]);
  const tokens = handlers.flatMap((one) => one['tokens'] as string[]);
  expect(
    pages.every(({ connections }) => connections === 0),
    'A page has no connections.',
  );
  expect(codes.length === 6 && new Set(codes).size === 6, `Of ${codes.length} codes that may be used once, ${new Set(codes).size} differ.`);
  expect((await textAt(`${url}banks`)).includes('FinBank'), 'The page that was made at the build has no banks.');

  const location = await connected(url);
  expect(location.startsWith('http'), `The server action answered ${location}.`);
  codes.push(...(new URL(location, url).searchParams.get('code') ?? '').split(' '));

  const secrets = Object.entries(vendors).filter(([name]) => /SECRET|APP_KEY|MANAGE_TOKEN/.test(name));
  const looked = textsIn(join(folder, '.next'));
  const filesWith = (text: string): readonly string[] => looked.filter((one) => one.text.includes(text)).map(({ file }) => file);
  expect(
    filesWith('"vendor":"budgea"').length > 0,
    'What the page lets Next keep is not in its cache: the matrix looks at the wrong place.',
  );
  for (const [what, texts] of [
    ['A secret', secrets.map(([, value]) => value)],
    ['A token', tokens],
    ['A code', codes],
  ] as const) {
    expect(texts.length > 0 && texts.every((text) => text.length > 8), `${what} to look for is missing.`);
    const files = new Set(texts.flatMap(filesWith));
    expect(files.size === 0, `${what} can be read in ${[...files].join(', ')}.`);
  }
  return problems;
};

const textAt = async (url: string): Promise<string> => {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return text;
};

const jsonAt = async (url: string): Promise<Record<string, unknown>> => JSON.parse(await textAt(url));

const pageAt = async (url: string): Promise<Record<string, unknown>> => {
  const [, found = '{}'] = /<pre id="found">([^<]*)</.exec(await textAt(url)) ?? [];
  return JSON.parse(found.replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
};

/** Sends the form as a browser without scripts would. Answers where that leads. */
const connected = async (url: string): Promise<string> => {
  const page = await textAt(`${url}connect`);
  const form = new FormData();
  for (const [, name = '', , value = ''] of page.matchAll(/<input type="hidden" name="([^"]+)"( value="([^"]*)")?/g))
    form.append(name, value);
  const response = await fetch(`${url}connect`, { method: 'POST', body: form, redirect: 'manual' });
  await response.body?.cancel();
  return response.headers.get('location') ?? `${response.status} without a location`;
};

/** All that was written, also what the cache of fetches has as base64. */
const textsIn = (folder: string): readonly { readonly file: string; readonly text: string }[] =>
  globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const text = readFileSync(file, 'latin1');
      const bodies = [...text.matchAll(/"body":"([\w+/]+=*)"/g)].map(([, body = '']) => Buffer.from(body, 'base64').toString('latin1'));
      return { file: file.slice(folder.length + 1), text: [text, ...bodies].join('\n') };
    });

interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  readonly said: () => string;
}

const started = async (cwd: string, env: Readonly<Record<string, string>>): Promise<Server> => {
  const child = spawn(process.execPath, [NEXT, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
    cwd,
    env: { ...process.env, ...NEUTRAL, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill());
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const timer = setTimeout(() => child.kill(), 60_000);
  let url: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    said += `${line}\n`;
    [, url] = /(http:\/\/127\.0\.0\.1:[1-9]\d*)/.exec(line) ?? [];
    if (url) break;
  }
  clearTimeout(timer);
  if (url === undefined) throw new Error(`Next did not start: ${said}`);
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stdout.resume();
  return { url: `${url}/`, child, said: () => said };
};
