import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeclarationReflection, ProjectReflection, Reflection } from 'typedoc';
import { Application, Comment, ReflectionGroup, ReflectionKind } from 'typedoc';
import { MemberRouter } from 'typedoc-plugin-markdown';
import { ROOT } from '../paths.ts';
import { GROUP_ORDER, groupOf } from './groups.ts';

/** After TypeDoc's own grouping by kinds, before it renders. */
const PRIORITY = -150;

/** A plugin of TypeDoc: groups exports by what they are about, not by what TypeScript calls them, and gives pages short addresses. */
export const load = (app: Application): void => {
  app.renderer.defineRouter('short', ShortRouter);
  app.on(Application.EVENT_PROJECT_REVIVE, (project: ProjectReflection) => regroup(app, project), PRIORITY);
};

const regroup = (app: Application, project: ProjectReflection): void => {
  // What a function takes apart in its signature has no name of its own.
  for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter))
    if (parameter.name === '__namedParameters') parameter.name = 'options';
  for (const child of project.children ?? [])
    if (!child.comment?.summary.length) child.comment = new Comment([{ kind: 'text', text: descriptionOf(child.name) }]);
  for (const group of project.groups ?? []) if (group.title === 'Modules') group.title = 'Packages';
  for (const reflection of project.getReflectionsByKind(ReflectionKind.SomeModule)) {
    const module = reflection as DeclarationReflection; // modules are nothing else
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

/** A package's own words, where its entry has none. */
const descriptionOf = (name: string): string =>
  JSON.parse(readFileSync(join(ROOT, 'packages', name.replace(/^[^/]+./, ''), 'package.json'), 'utf8')).description;

const titleOf = (project: ProjectReflection, child: DeclarationReflection): string | undefined => {
  if (child.kindOf(ReflectionKind.SomeModule)) return 'Entry points';
  const declared = project.getSymbolIdFromReflection(child);
  return declared && groupOf(declared.packageName, declared.packagePath, child.name);
};

const rank = (title: string): number => {
  const found = GROUP_ORDER.indexOf(title);
  return found === -1 ? GROUP_ORDER.indexOf('*') : found;
};

/** `core/authorizedFetch`: no folders for kinds. A class, as TypeDoc wants one. */
class ShortRouter extends MemberRouter {
  override getIdealBaseName(reflection: Reflection): string {
    const name = super.getIdealBaseName(reflection);
    return reflection.kindOf(ReflectionKind.SomeModule) ? name : name.replace(/[^/]+\/(?=[^/]+$)/, '');
  }
}
