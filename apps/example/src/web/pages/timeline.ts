import type { AuthEvent } from '@auth/core';
import { scalePoint, scaleUtc } from 'd3-scale';
import { type SymbolType, symbol, symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolTriangle } from 'd3-shape';
import { html } from 'hono/html';
import type { Markup } from './layout.ts';

const WIDTH = 720;
const ROW = 40;
const MARGIN = { top: 4, right: 24, bottom: 28, left: 24 };
/** The part of a row that its name takes, at the end that is seen first. */
const NAME = 0.68;
/** Milliseconds that are shown at least, and at most. */
const SHORTEST = 60_000;
const LONGEST = 15 * 60_000;

/** Shape and colour say the same, for those who see only one of them. */
const LOOKS = {
  acquired: { shape: symbolCircle, look: 'good' },
  refreshed: { shape: symbolCircle, look: 'good' },
  adopted: { shape: symbolCircle, look: 'good' },
  invalidated: { shape: symbolDiamond, look: 'warn' },
  forgotten: { shape: symbolDiamond, look: 'warn' },
  lease_waited: { shape: symbolSquare, look: 'plain' },
  lease_lost: { shape: symbolSquare, look: 'warn' },
  served_stale: { shape: symbolTriangle, look: 'warn' },
  served_without_store: { shape: symbolTriangle, look: 'warn' },
  refresh_failed: { shape: symbolCross, look: 'bad' },
  refused: { shape: symbolCross, look: 'bad' },
  guard_tripped: { shape: symbolCross, look: 'bad' },
  renewal_in_vain: { shape: symbolCross, look: 'bad' },
} satisfies Record<AuthEvent['type'], { shape: SymbolType; look: string }>;

/** Events over time, a row for each type. Drawn on the server; the table below it says the same in words. */
export const timeline = (events: readonly AuthEvent[], now: number): Markup => {
  const recent = events.filter(({ at }) => at > now - LONGEST);
  const [first] = recent;
  if (first === undefined) return html`<p>Nothing has happened in the last 15 minutes.</p>`;
  const types = [...new Set(recent.map(({ type }) => type))];
  const height = MARGIN.top + types.length * ROW + MARGIN.bottom;
  const x = scaleUtc([Math.min(first.at, now - SHORTEST), now], [MARGIN.left, WIDTH - MARGIN.right]);
  const y = scalePoint(types, [MARGIN.top + ROW * NAME, height - MARGIN.bottom - ROW * (1 - NAME)]);
  const row = (type: AuthEvent['type']): number => y(type) ?? 0;
  const format = x.tickFormat(6, '%H:%M:%S');
  return html`<figure class="scroll latest" id="timeline-region" tabindex="0" role="region" aria-label="Timeline of events">
    <svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${summary(recent, types)}">
      ${types.map(
        (type) => html`<g class="row"><line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${row(type)}" y2="${row(type)}"></line>
          <text x="${WIDTH - MARGIN.right}" y="${row(type) - 13}" text-anchor="end">${type}</text></g>`,
      )}
      ${x.ticks(6).map(
        (tick) => html`<g class="tick"><line x1="${x(tick)}" x2="${x(tick)}" y1="${MARGIN.top}" y2="${height - MARGIN.bottom}"></line>
          <text x="${x(tick)}" y="${height - 8}" text-anchor="middle">${format(tick)}</text></g>`,
      )}
      ${recent.map((event) => {
        const { shape, look } = LOOKS[event.type];
        return html`<path class="${look}" d="${symbol(shape, 90)() ?? ''}" transform="translate(${x(event.at)},${row(event.type)})"></path>`;
      })}
    </svg>
  </figure>`;
};

const summary = (events: readonly AuthEvent[], types: readonly AuthEvent['type'][]): string =>
  `${events.length} events: ${types.map((type) => `${events.filter((event) => event.type === type).length} ${type}`).join(', ')}.`;
