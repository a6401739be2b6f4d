import type { DeclarationReflection, ProjectReflection, Reflection } from 'typedoc';
import { Application, ReflectionGroup, ReflectionKind, StructureRouter } from 'typedoc';
import { GROUP_ORDER, groupOf } from './groups.ts';
import { boostGuides } from './search.ts';

/** After TypeDoc's own grouping by kinds, before it renders. */
const PRIORITY = -150;

/** A plugin of TypeDoc: groups exports by what they are about, not by what TypeScript calls them, gives pages short addresses, and lets searches find guides. */
export const load = (app: Application): void => {
  app.renderer.defineRouter('short', ShortRouter);
  boostGuides(app);
  app.on(Application.EVENT_PROJECT_REVIVE, (project: ProjectReflection) => regroup(app, project), PRIORITY);
};

const regroup = (app: Application, project: ProjectReflection): void => {
  for (const group of project.groups ?? []) if (group.title === 'Modules') group.title = 'Packages';
  for (const reflection of project.getReflectionsByKind(ReflectionKind.SomeModule)) {
    const module = reflection as DeclarationReflection; // modules are nothing else
    withoutTitle(module);
    const groups = new Map<string, ReflectionGroup>();
    for (const child of module.children ?? []) {
      const title = titleOf(project, child);
      if (title === undefined) app.logger.warn(`${child.getFullName()} has no group. Add its file to apps/docs/src/reference/groups.ts.`);
      const group = groups.get(title ?? '') ?? new ReflectionGroup(title ?? 'Others', module);
      groups.set(title ?? '', group);
      group.children.push(child);
    }
    module.groups = [...groups.values()].sort((a, b) => rank(a.title) - rank(b.title));
  }
};

/** The page of a package has its name for a title already. */
const withoutTitle = ({ readme }: DeclarationReflection): void => {
  const [first] = readme ?? [];
  if (first?.kind === 'text') first.text = first.text.replace(/^# .*\n+/, '');
};

const titleOf = (project: ProjectReflection, child: DeclarationReflection): string | undefined => {
  if (child.kindOf(ReflectionKind.SomeModule)) return 'Entry points';
  const declared = project.getSymbolIdFromReflection(child);
  return declared && groupOf(declared.packageName, declared.packagePath, child.name);
};

const rank = (title: string): number => {
  const found = GROUP_ORDER.indexOf(title);
  return found === -1 ? GROUP_ORDER.indexOf('*') : found;
};

/** `quick-start.html` and `core/authorizedFetch.html`: no titles, and no scope, which may change. A class, as TypeDoc wants one. */
class ShortRouter extends StructureRouter {
  protected override getIdealBaseName(reflection: Reflection): string {
    if (reflection.isDocument()) return String(reflection.frontmatter['slug'] ?? reflection.name);
    return super.getIdealBaseName(reflection).replace(/^_[^/]+\//, '');
  }
}
