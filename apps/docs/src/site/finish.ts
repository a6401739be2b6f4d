import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What TypeDoc leaves to be done in its pages. */
export const finish = (site: string, diagrams: ReadonlyMap<string, string>): void => {
  for (const file of globSync('**/*.html', { cwd: site })) {
    const path = join(site, file);
    const page = readFileSync(path, 'utf8');
    writeFileSync(path, withLinks(withTables(withOutline(withDiagrams(page, diagrams)))));
  }
};

/**
 * Diagrams stand in the page instead of images, so that they follow the colours that a reader chose and not only those of the system. The
 * style that a diagram brings along for its use as a file goes.
 */
const withDiagrams = (page: string, diagrams: ReadonlyMap<string, string>): string =>
  page.replace(/<img\b[^>]*\bsrc="(?:\.\.\/)?media\/([a-z-]+)\.svg"[^>]*>/g, (image, name: string) => {
    const svg = diagrams.get(name);
    return svg === undefined ? image : svg.replace(/<style>.*?<\/style>/s, '').trim();
  });

/** TypeDoc chooses the level of a heading for its size. Here none is left out, and the size is a class. */
export const withOutline = (page: string): string => {
  const [before = '', ...rest] = page.split(/(?=<div class="col-content">)|(?=<div class="col-sidebar">)/);
  return [before, ...rest.map((part) => (part.startsWith('<div class="col-content">') ? inOrder(part) : part))].join('');
};

const inOrder = (content: string): string => {
  let last = 0;
  return content.replace(/<h([1-6])\b([^>]*)>(.*?)<\/h\1>/gs, (_, level: string, attributes: string, text: string) => {
    const meant = Number(level);
    last = Math.min(meant, last + 1);
    return `<h${last}${last === meant ? attributes : withClass(attributes, `was-h${meant}`)}>${text}</h${last}>`;
  });
};

const withClass = (attributes: string, name: string): string =>
  attributes.includes('class="') ? attributes.replace('class="', `class="${name} `) : `${attributes} class="${name}"`;

/** Files that are written after TypeDoc has looked for them. */
const withLinks = (page: string): string => page.replace(/<code>(llms(?:-full)?\.txt)<\/code>/g, '<a href="$1"><code>$1</code></a>');

/** Wide tables scroll by themselves, which a keyboard has to reach. */
const withTables = (page: string): string => page.replaceAll('<table>', '<table tabindex="0">');
