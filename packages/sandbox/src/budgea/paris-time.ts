/** The vendor's dates have no zone and are wall time in Paris: `2026-01-31 09:05:00`. */
export const parisTime = (at: number): string => PARIS.format(at).replace('T', ' ');

/** Swedish writes dates as ISO 8601 does. */
const PARIS = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'medium' });
