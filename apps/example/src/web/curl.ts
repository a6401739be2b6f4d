/** A request, as far as a curl line shows it. */
export interface ShownRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** Values that may be shown. Everything else is replaced by a name, so that what nobody thought of is not shown either. */
const OPEN_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type']);
const OPEN_MEMBERS: ReadonlySet<string> = new Set([
  'duration',
  'expand',
  'experience',
  'flow',
  'grant_type',
  'isHostedInMobileApp',
  'language',
  'limit',
  'scope',
  'singleUseUrl',
  'start',
  'type',
]);
/** Parts of a path that are words or versions of the vendor's. Anything with a long run of digits or letters could be somebody's. */
const OPEN_SEGMENT = /^(?:[A-Za-z][A-Za-z-]{0,24}|v\d|\d\.\d)$/;

/**
 * A request as a curl command that can be copied, with a shell variable in the place of each secret, token, code, signature and id.
 * `known` are values that have a name of their own, such as the settings by their variables.
 */
export const curlOf = ({ method, url, headers, body }: ShownRequest, known: ReadonlyMap<string, string>): string => {
  const named = (value: string, name: string): string => `$${known.get(value) ?? screaming(name)}`;
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} "${shownUrl(url, named)}"`,
    ...[...headers].map(([name, value]) => `  -H "${title(name)}: ${shownHeader(name, value, named)}"`),
    ...(body ? [`  --data-binary @- <<BODY\n${shownBody(body, headers.get('content-type') ?? '', named)}\nBODY`] : []),
  ].join(' \\\n');
};

type Naming = (value: string, name: string) => string;

const shownUrl = (url: string, named: Naming): string => {
  const { origin, pathname, searchParams } = new URL(url);
  const segments = pathname.split('/');
  const path = segments.map((segment, index) =>
    segment === '' || OPEN_SEGMENT.test(segment) ? segment : named(decoded(segment), `${singular(segments[index - 1])}_ID`),
  );
  const query = [...searchParams].map(
    ([name, value]) => `${screened(name)}=${OPEN_MEMBERS.has(name) ? screened(value) : named(value, name)}`,
  );
  return `${origin}${path.join('/')}${query.length > 0 ? `?${query.join('&')}` : ''}`;
};

const shownHeader = (name: string, value: string, named: Naming): string => {
  if (OPEN_HEADERS.has(name)) return screened(value);
  const [, scheme, credentials] = /^(Bearer|Basic) (.*)$/i.exec(value) ?? [];
  return scheme && credentials ? `${scheme} ${named(credentials, 'TOKEN')}` : named(value, name);
};

const shownBody = (body: string, type: string, named: Naming): string => {
  if (type.includes('json')) {
    try {
      return JSON.stringify(shownValue(JSON.parse(body), 'value', named), null, 2);
    } catch {
      // Not JSON after all.
    }
  }
  if (type.includes('x-www-form-urlencoded'))
    return [...new URLSearchParams(body)]
      .map(([name, value]) => `${screened(name)}=${OPEN_MEMBERS.has(name) ? screened(value) : named(value, name)}`)
      .join('&');
  return `$BODY_OF_${body.length}_CHARACTERS`;
};

const shownValue = (value: unknown, name: string, named: Naming): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => shownValue(item, name, named));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [screened(member), shownValue(inner, member, named)]));
  if (value === null || typeof value === 'boolean') return value;
  return OPEN_MEMBERS.has(name) ? (typeof value === 'number' ? value : screened(String(value))) : named(String(value), name);
};

/** `connectionId` and `App-Key` as the name of a shell variable. */
const screaming = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .slice(0, 40)
    .toUpperCase();

const title = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

/** The segment before an id says whose it is, unless it is an id too. */
const singular = (word = ''): string => (/^[A-Za-z-]{2,25}$/.test(word) ? word.replace(/s$/, '') : 'path');

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** What the shell would read as something else. */
const screened = (text: string): string => text.slice(0, 80).replace(/["$\\`]/g, '_');
