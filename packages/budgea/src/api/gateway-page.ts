/** The only words that a quoted title may contain: anything else on a page could be a piece of the request. */
const WORDS: ReadonlySet<string> = new Set(
  `a access an application are at bad be blocked cannot cloudflare cloudfront connection could denied down error expired failed failure
  for forbidden found gateway in internal is limit maintenance method moved nginx not of on origin out overloaded permanently proxy rate
  refused request required satisfied server service site temporarily temporary the time timed timeout too many unauthorized unavailable
  under unreachable upstream was website`.split(/\s+/),
);

/** The title of a gateway's page, if it contains only well-known words and a status. Safe to log, whatever else the page repeats. */
export const titleOf = (page: string): string | undefined => {
  const title = /<title[^<>]*>([^<>]{1,120})<\/title>/i.exec(page)?.[1] ?? '';
  const words = title.split(/[\s.,:;!|'-]+/).filter((word) => word !== '');
  const isSafe = words.length > 0 && words.every((word) => WORDS.has(word.toLowerCase()) || /^[1-5]\d\d$/.test(word));
  return isSafe ? words.join(' ').slice(0, 60) : undefined;
};
