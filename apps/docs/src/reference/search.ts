import { type Application, type DeclarationReflection, type DocumentReflection, IndexEvent } from 'typedoc';

/** How much more a page weighs that is read than one that is looked up: names like `clock` are found by `lock` too, and there are many. */
const READ = 12;

/** A plugin's part: searching finds guides by their titles, headings and text, and packages by their READMEs, before it finds names. */
export const boostGuides = (app: Application): void => {
  app.renderer.on(IndexEvent.PREPARE_INDEX, ({ searchResults, searchFields, searchFieldWeights }: IndexEvent) => {
    searchFieldWeights['headings'] = 8;
    for (const [index, reflection] of searchResults.entries()) {
      const text = textOf(reflection);
      if (text === undefined) continue;
      reflection.relevanceBoost = READ;
      const headings = [...text.matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) => title);
      // Of documents TypeDoc takes the text itself.
      searchFields[index] = { headings: headings.join('\n'), ...(reflection.isDocument() ? {} : { document: text }) };
    }
  });
};

const textOf = (reflection: DeclarationReflection | DocumentReflection): string | undefined => {
  const parts = reflection.isDocument() ? reflection.content : reflection.readme;
  return parts?.map(({ text }) => text).join('');
};
