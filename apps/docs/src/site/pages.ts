import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';

/** What is checked of a page, read from its file. */
export interface Page {
  /** From the site's folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly ids: readonly string[];
  /** Links, images, style sheets and scripts, as they are written. */
  readonly targets: readonly string[];
  /** What a browser asks for before it shows the page. */
  readonly needed: readonly string[];
  /** Levels of the headings of the content, in their order. */
  readonly headings: readonly number[];
  readonly language: string | undefined;
  readonly imagesWithoutText: number;
}

/** Every page of the site. */
export const readPages = (site: string): readonly Page[] =>
  globSync('**/*.html', { cwd: site, exclude: ['404.html'] })
    .sort()
    .map((file) => parse(file.replaceAll('\\', '/'), readFileSync(join(site, file), 'utf8')));

const parse = (path: string, html: string): Page => {
  const ids: string[] = [];
  const targets: string[] = [];
  const needed: string[] = [];
  const headings: number[] = [];
  let language: string | undefined;
  let imagesWithoutText = 0;
  let isContent = false;
  const parser = new Parser({
    onopentag: (tag, { id, href, src, alt, lang, rel = '' }) => {
      if (id !== undefined) ids.push(id);
      targets.push(...[href, src].filter((target) => target !== undefined));
      if (tag === 'script' && src !== undefined) needed.push(src);
      if (/stylesheet|modulepreload/.test(rel) && href !== undefined) needed.push(href);
      if (tag === 'html') language = lang;
      if (tag === 'img' && !alt) imagesWithoutText += 1;
      if (tag === 'main') isContent = true;
      const [, level] = /^h([1-6])$/.exec(tag) ?? [];
      if (isContent && level !== undefined) headings.push(Number(level));
    },
    onclosetag: (tag) => {
      if (tag === 'main') isContent = false;
    },
  });
  parser.end(html);
  return { path, bytes: Buffer.byteLength(html), ids, targets, needed, headings, language, imagesWithoutText };
};
