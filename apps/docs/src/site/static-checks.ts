import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Page } from './pages.ts';

/** Bytes before compression of a page with all that it needs: a page is read on the way to work, too. */
const LIMIT = 500_000;

/** What is wrong with the pages, as far as their files tell. */
export const staticComplaints = (site: string, pages: readonly Page[]): readonly string[] => [
  ...pages.flatMap((page) => [...links(site, page, pages), ...outline(page), ...basics(page), ...weight(site, page)]),
];

const links = (site: string, { path, targets }: Page, pages: readonly Page[]): readonly string[] =>
  [...new Set(targets)].flatMap((target) => {
    if (/^(?:[a-z]+:|\/\/)/.test(target)) return [];
    const [file = '', anchor = ''] = target.split('#').map(decodeURIComponent);
    const to = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file.replace(/\?.*$/, '')));
    if (!existsSync(join(site, to))) return [`${path}: the link ${target} leads nowhere.`];
    const page = pages.find((other) => other.path === to);
    const isLost = anchor !== '' && page !== undefined && !page.ids.includes(anchor);
    return isLost ? [`${path}: ${target}: there is no such anchor.`] : [];
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

const basics = ({ path, ids, language, imagesWithoutText }: Page): readonly string[] => [
  ...(language === undefined ? [`${path} does not say its language.`] : []),
  ...(imagesWithoutText > 0 ? [`${path} has ${imagesWithoutText} images without a text.`] : []),
  ...(new Set(ids).size < ids.length ? [`${path} has an id twice: ${ids.find((id, index) => ids.indexOf(id) < index)}.`] : []),
];

const weight = (site: string, { path, bytes, needed }: Page): readonly string[] => {
  const files = needed.map((target) => join(site, posix.dirname(path), target)).filter((file) => existsSync(file));
  const sum = files.reduce((total, file) => total + statSync(file).size, bytes);
  return sum > LIMIT ? [`${path} needs ${sum} bytes, more than ${LIMIT}.`] : [];
};
