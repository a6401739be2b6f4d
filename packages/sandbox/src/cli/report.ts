import { styleText } from 'node:util';
import type { Call } from '../calls.ts';
import type { VendorName } from './words.ts';

/** A vendor that listens. */
export interface Served {
  readonly vendor: VendorName;
  /** Where its API begins. */
  readonly url: string;
  /** Where its admin API begins. */
  readonly admin: string;
  /** What points a provider at it. Holds secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What else the vendor would hand out, by the sandbox's own names. Holds secrets. */
  readonly also: Readonly<Record<string, string>>;
}

/** What is printed, as text without the last line break. */
export interface Report {
  readonly listening: (served: readonly Served[]) => string;
  readonly call: (vendor: VendorName, call: Call) => string;
}

/** How the text is to look. */
export interface TextOptions {
  /** Names the vendor on each line. */
  readonly named: boolean;
  /** Announces the log that will follow. */
  readonly logged: boolean;
  readonly colours: boolean;
}

type Colour = Extract<Parameters<typeof styleText>[0], 'dim' | 'bold' | 'green' | 'yellow' | 'red'>;

const TITLES: Readonly<Record<VendorName, string>> = { finicity: 'Finicity', budgea: 'Budgea' };

/** For people. All lines before the log together are a valid `.env` file; where vendors follow each other, the last one is chosen. */
export const textReport = ({ named, logged, colours }: TextOptions): Report => {
  const paint = (colour: Colour, text: string): string => (colours ? styleText(colour, text, { validateStream: false }) : text);
  const block = ({ vendor, url, admin, environment, also }: Served): readonly string[] => [
    paint('bold', `# ${TITLES[vendor]}: ${url}`),
    paint('dim', `# Admin API: ${admin}`),
    ...Object.entries({ AUTH_PROVIDER: vendor, ...environment }).map(([name, value]) => `${name}=${quoted(value)}`),
    ...Object.entries(also).map(([name, value]) => paint('dim', `# ${name}: ${value}`)),
    '',
  ];
  return {
    listening: (served) => [...served.flatMap(block), ...(logged ? [paint('dim', '# Requests:')] : [])].join('\n'),
    call: (vendor, { at, method, path, query = '', status, code, fault }) =>
      [
        paint('dim', timeOf(at)),
        ...(named ? [vendor.padEnd(8)] : []),
        method.padEnd(6),
        path + query,
        paint(colourOf(status), status === 0 ? '-' : String(status)),
        ...(code === undefined ? [] : [code]),
        ...(fault === undefined ? [] : [paint('yellow', `fault:${fault}`)]),
      ].join(' '),
  };
};

/** For programs: a JSON object on each line. */
export const jsonReport: Report = {
  listening: (served) => served.map((one) => JSON.stringify({ type: 'listening', ...one })).join('\n'),
  call: (vendor, call) => JSON.stringify({ type: 'call', vendor, ...call }),
};

/** As shells and `.env` files read it. What sandboxes make up needs no quotes, and `env $(…)` would not take them away. */
const quoted = (value: string): string => (/^[\w.:/@%+=,[\]-]*$/.test(value) ? value : `'${value}'`);

/** `09:05:00.250`, in the zone of this machine. */
const timeOf = (at: number): string => {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
};

const colourOf = (status: number): Colour => {
  if (status === 0 || status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
};
