import type { Measured } from '../measured.ts';
import { PEERS } from '../peers/index.ts';
import { can, type Peer } from '../peers/peer.ts';
import { type Row, sideOf } from '../table.ts';
import { createVendor, type Vendor } from '../vendor.ts';

const COLD_CALLERS = 1_000;
const FAILING_ROUNDS = 20;
const CALLERS = 50;
const REFUSALS = 100;

/** How often the vendor is asked for a token when many want one. */
export const upstream = async (): Promise<Measured> => {
  // At the same time: some peers wait between repetitions, for seconds.
  const failing = await Promise.all(PEERS.map(requestsOfFailingRounds));
  const rows: Row[] = [];
  for (const [index, peer] of PEERS.entries()) {
    const refused = await afterRefusals(peer);
    const cold = await requestsOfColdCallers(peer);
    const reason = [peer.token, peer.call].flatMap((column) => (can(column) ? [] : [column.cannot]));
    rows.push({
      name: peer.name,
      side: sideOf(peer),
      cells: [cold, failing[index], refused?.requests, refused?.failures],
      remark: refused === undefined ? reason.at(-1) : undefined,
    });
  }
  const ours = rows.find(({ side }) => side === 'ours')?.cells ?? [];
  const [cold, failed, requests, failures] = ours.map(Number);
  return {
    tables: [
      {
        title: 'Token requests upstream',
        caption: `A token takes 20 ms, a request to the API 1 to 50; each new token ends the one before it. Cold: ${COLD_CALLERS} callers at once. Failing: the token endpoint answers 503, ${FAILING_ROUNDS} rounds of ${CALLERS} callers, one right after the other. Refused: the token is revoked, then ${REFUSALS} calls at once.`,
        columns: [
          { heading: 'cold callers', isRanked: true },
          { heading: 'failing rounds', isRanked: true },
          { heading: 'refused: requests' },
          { heading: 'refused: calls that failed', isRanked: true },
        ],
        rows,
      },
    ],
    goals: [
      { name: `token requests of ${COLD_CALLERS} cold callers`, value: cold ?? Number.NaN, bound: 1, target: 1 },
      { name: `token requests of ${FAILING_ROUNDS} failing rounds × ${CALLERS}`, value: failed ?? Number.NaN, bound: 1, target: 1 },
      { name: `token requests after ${REFUSALS} concurrent refusals`, value: requests ?? Number.NaN, bound: 1, target: 1 },
      { name: `calls that failed after ${REFUSALS} concurrent refusals`, value: failures ?? Number.NaN, bound: 0, target: 0 },
    ],
  };
};

/** What many callers call at once: the token where it can be read, else a request that needs one. */
const callerOf = ({ token, call }: Peer, vendor: Vendor): (() => Promise<unknown>) | undefined =>
  can(token) ? token(vendor) : can(call) ? call(vendor) : undefined;

const atOnce = <T>(callers: number, call: () => Promise<T>): Promise<readonly PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: callers }, call));

const requestsOfColdCallers = async (peer: Peer): Promise<number | undefined> => {
  const vendor = createVendor({ isDistant: true });
  const call = callerOf(peer, vendor);
  if (call === undefined) return undefined;
  await atOnce(COLD_CALLERS, call);
  return vendor.tokenRequests();
};

const requestsOfFailingRounds = async (peer: Peer): Promise<number | undefined> => {
  const vendor = createVendor({ isDistant: true });
  vendor.breakDown();
  const call = callerOf(peer, vendor);
  if (call === undefined) return undefined;
  for (let round = 0; round < FAILING_ROUNDS; round += 1) await atOnce(CALLERS, call);
  return vendor.tokenRequests();
};

const afterRefusals = async ({ name, call }: Peer): Promise<{ readonly requests: number; readonly failures: number } | undefined> => {
  if (!can(call)) return undefined;
  const vendor = createVendor({ isDistant: true });
  const send = call(vendor);
  if ((await send()) !== 200) throw new Error(`${name} could not call the API at all.`);
  const before = vendor.tokenRequests();
  vendor.revoke();
  const outcomes = await atOnce(REFUSALS, send);
  const answered = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value === 200).length;
  return { requests: vendor.tokenRequests() - before, failures: REFUSALS - answered };
};
