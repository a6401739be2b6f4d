/** Budgea writes times as Paris wall time without a zone: `2026-03-29 03:00:00`. */
const PATTERN = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.\d+)?$/;

let clock: Intl.DateTimeFormat | undefined;

/** Made with the first time that is read, because that takes 20 ms. */
const clockOfParis = (): Intl.DateTimeFormat => {
  clock ??= new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Paris',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return clock;
};

/** Epoch milliseconds, or `null` for any other text. When an hour comes twice, in autumn, the first one is taken. */
export const parisTime = (text: string): number | null => {
  const parts = PATTERN.exec(text);
  if (parts === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  // Month 13 would roll over into another year, and so would the zeros that some databases write for a missing date.
  if (!new Date(wall).toISOString().startsWith(text.slice(0, 19).replace(' ', 'T'))) return null;
  // Summer time first: it is the earlier of the two moments with this wall time.
  const moments = [wall - 2 * 3_600_000, wall - 3_600_000];
  return moments.find((moment) => wallTime(moment) === wall) ?? wall - 3_600_000;
};

const wallTime = (moment: number): number => {
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    clockOfParis()
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
};
