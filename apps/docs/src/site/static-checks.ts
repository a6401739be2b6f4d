import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { Parser } from 'htmlparser2';

/** Bytes before compression: a page is read on the way to work, too. */
const LIMIT = 200_000;

/** What is checked of a page, read from its file. */
interface Page {
  /** From the site's folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly ids: string[];
  /** Links, images, style sheets and scripts, as they are written. */
  readonly targets: Set<string>;
  /** Levels of the headings of the content, in their order. */
  readonly headings: number[];
  imagesWithoutText: number;
  /** What it loads from other hosts: the browser opens some pages of the reference only. */
  readonly foreign: string[];
}

/** What is wrong with the pages, as far as their files tell. */
export const staticComplaints = (site: string): readonly string[] => {
  const files = globSync('**/*.html', { cwd: site, exclude: ['404.html'] }).sort();
  const pages = new Map(files.map((file) => [file, read(file, readFileSync(join(site, file), 'utf8'))]));
  return [...pages.values()].flatMap((page) => [...links(site, page, pages), ...outline(page), ...basics(page)]);
};

const read = (path: string, html: string): Page => {
  const page: Page = { path, bytes: Buffer.byteLength(html), ids: [], targets: new Set(), headings: [], imagesWithoutText: 0, foreign: [] };
  let isContent = false;
  const parser = new Parser({
    onopentag: (tag, { id, href, src, alt, rel }) => {
      if (id !== undefined) page.ids.push(id);
      for (const target of [href, src]) if (target !== undefined) page.targets.add(target);
      const loaded = tag === 'link' && /\b(?:stylesheet|icon|preload|modulepreload)\b/.test(rel ?? '') ? href : src;
      if (loaded !== undefined && /^(?:https?:)?\/\//i.test(loaded)) page.foreign.push(loaded);
      if (tag === 'img' && !alt) page.imagesWithoutText += 1;
      if (tag === 'main') isContent = true;
      if (isContent && /^h[1-6]$/.test(tag)) page.headings.push(Number(tag[1]));
    },
    onclosetag: (tag) => {
      if (tag === 'main') isContent = false;
    },
  });
  parser.end(html);
  return page;
};

/** The generator finds dead pages by itself, but no dead anchors, and nothing of HTML in Markdown. */
const links = (site: string, { path, targets }: Page, pages: ReadonlyMap<string, Page>): readonly string[] =>
  [...targets].flatMap((target) => {
    if (/^(?:[a-z]+:|\/\/)/.test(target)) return [];
    const [file = '', anchor = ''] = target.split('#').map(decodeURIComponent);
    const to = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file.replace(/\?.*$/, '')));
    if (!existsSync(join(site, to))) return [`${path}: the link ${target} leads nowhere.`];
    return anchor === '' || pages.get(to)?.ids.includes(anchor) ? [] : [`${path}: ${target}: there is no such anchor.`];
  });

/** One title, and no level left out: what a screen reader's list of headings shows. */
const outline = ({ path, headings }: Page): readonly string[] => {
  const titles = headings.filter((level) => level === 1).length;
  const jump = headings.find((level, index) => level > (headings[index - 1] ?? 0) + 1);
  return [
    ...(titles === 1 && headings[0] === 1 ? [] : [`${path}: ${titles} titles; the first heading is an h${headings[0] ?? ' of no level'}.`]),
    ...(jump === undefined ? [] : [`${path}: an h${jump} comes where its upper level is missing (${headings.join(' ')}).`]),
  ];
};

const basics = ({ path, bytes, ids, imagesWithoutText, foreign }: Page): readonly string[] => [
  ...(bytes > LIMIT ? [`${path} has ${bytes} bytes, more than ${LIMIT}.`] : []),
  ...foreign.map((url) => `${path} loads ${url} from another host.`),
  ...(imagesWithoutText > 0 ? [`${path} has ${imagesWithoutText} images without a text.`] : []),
  ...(new Set(ids).size < ids.length ? [`${path} has an id twice: ${ids.find((id, index) => ids.indexOf(id) < index)}.`] : []),
];
