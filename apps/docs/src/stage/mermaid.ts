/**
 * Turns the flowcharts of a Markdown text into lists, as no program that draws them comes with the site. Understands what
 * `ARCHITECTURE.md` uses: nodes with a label in quotes, and arrows.
 */
export const withoutMermaid = (text: string): string => text.replace(/^```mermaid\n([\s\S]*?)^```$/gm, (_, chart: string) => listOf(chart));

const listOf = (chart: string): string => {
  const labels = new Map([...chart.matchAll(/(\w+)\["([^"]+)"\]/g)].map(([, id = '', label = '']) => [id, label.replaceAll('<br>', ', ')]));
  const name = (ids: string): string =>
    ids
      .split('&')
      .map((id) => labels.get(id.trim()) ?? id.trim())
      .join(' and ');
  const uses = new Map<string, readonly string[]>();
  for (const [, from = '', to = ''] of chart.replaceAll(/\["[^"]+"\]/g, '').matchAll(/^ *([\w &]+?) *--> *([\w &]+?) *$/gm))
    uses.set(name(from), [...(uses.get(name(from)) ?? []), name(to)]);
  return [...uses].map(([from, to]) => `- ${from} → ${to.join('; ')}`).join('\n');
};
