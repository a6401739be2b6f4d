import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type DefaultTheme, defineConfig, type MarkdownOptions } from 'vitepress';
import { writeForPrograms } from '../src/llms.ts';
import { GENERATED, PACKAGES, REPOSITORY, SITE } from '../src/paths.ts';
import { documents } from '../src/stage/documents.ts';
import { slugOf } from '../src/stage/links.ts';

/** Where the site will be on the internet, with a slash at its end. Without it the pages find each other by relative links. */
const { DOCS_URL: address } = process.env;
const base = address === undefined ? './' : new URL(address).pathname;

const title = 'Bank-data authentication';
const description = 'One interface, one package per vendor, one engine that keeps tokens alive, and a line of configuration to switch.';

const all = documents();
const sourceOf = new Map(all.map(({ page, source }) => [page, source]));

const guides: DefaultTheme.SidebarItem[] = [...Map.groupBy(all, ({ group }) => group)].map(([text, some]) => ({
  text,
  items: some.map(({ title, page }) => ({ text: title, link: `/${page}` })),
}));

/** One sidebar for each package: each page contains the whole of its own. */
const packages = (): DefaultTheme.SidebarMulti => {
  const file = join(GENERATED, 'reference/typedoc-sidebar.json');
  if (!existsSync(file)) throw new Error('There is no site yet. Build it with docs:build.');
  const sidebars: (DefaultTheme.SidebarItem & { readonly link: string })[] = JSON.parse(readFileSync(file, 'utf8'));
  return Object.fromEntries(
    sidebars.flatMap(({ text = '', link, items = [] }, index) => {
      const about = `/packages/${PACKAGES[index]}`;
      const sidebar = [
        { text: 'All packages', link: '/reference/' },
        { text, items: [{ text: 'About', link: about }, { text: 'Every export', link }, ...items] },
      ];
      return [
        [about, sidebar],
        [link, sidebar],
      ];
    }),
  );
};

/** From a page to the root of the site. */
const toRoot = (page: string): string => (base === './' ? `${posix.relative(posix.dirname(page), '.') || '.'}/` : base);

const markdown: MarkdownOptions = {
  // The themes with enough contrast on our backgrounds.
  theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  anchor: { slugify: slugOf },
  config: (md) => {
    const { image } = md.renderer.rules;
    // Diagrams stand in the page, so that they follow the colours that a reader chose and not only those of the system.
    md.renderer.rules.image = (tokens, index, ...rest) => {
      const [, name = ''] = /\/diagrams\/([\w-]+)\.svg$/.exec(tokens[index]?.attrGet('src') ?? '') ?? [];
      const file = join(GENERATED, `public/diagrams/${name}.svg`);
      return existsSync(file) ? readFileSync(file, 'utf8').replace(/<style>.*?<\/style>/s, '') : (image?.(tokens, index, ...rest) ?? '');
    };
  },
};

export default defineConfig({
  title,
  description,
  lang: 'en',
  base,
  srcDir: 'generated',
  outDir: SITE,
  cacheDir: 'node_modules/.cache/vitepress',
  metaChunk: true,
  markdown,
  ...(address === undefined ? {} : { sitemap: { hostname: address } }),
  transformHead: ({ page }) =>
    page === '404.md'
      ? []
      : [
          ['link', { rel: 'icon', href: `${toRoot(page)}favicon.svg`, type: 'image/svg+xml' }],
          ['link', { rel: 'alternate', href: `${toRoot(page)}${page}`, type: 'text/markdown' }],
        ],
  // The reference has no file that could be edited: it comes from doc comments.
  transformPageData: ({ relativePath, frontmatter }) => {
    const source = sourceOf.get(relativePath);
    return source === undefined ? { frontmatter: { ...frontmatter, editLink: false } } : { filePath: source };
  },
  buildEnd: ({ outDir }) => writeForPrograms(outDir),
  themeConfig: {
    outline: [2, 3],
    search: {
      provider: 'local',
      // A guide is found before names are.
      options: { miniSearch: { searchOptions: { boostDocument: (id: string) => (/\/(?:guides|packages|project)\//.test(id) ? 3 : 1) } } },
    },
    ...(REPOSITORY === undefined ? {} : { editLink: { pattern: `${REPOSITORY}/edit/main/:path`, text: 'Edit this page' } }),
    nav: [
      { text: 'Guides', link: '/guides/quick-start', activeMatch: '/guides/|/project/' },
      { text: 'Packages', link: '/packages/core', activeMatch: '/packages/' },
      { text: 'Reference', link: '/reference/', activeMatch: '/reference/' },
    ],
    sidebar: {
      '/guides/': guides,
      '/project/': guides,
      ...packages(),
      '/reference/': [{ text: 'Packages', items: PACKAGES.map((name) => ({ text: `@auth/${name}`, link: `/reference/${name}/` })) }],
    },
  },
});
