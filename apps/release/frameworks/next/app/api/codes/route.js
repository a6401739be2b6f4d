import { budgea, finicity, userId } from '../../../lib/aggregator.js';

// Next 14 tries to answer this while it builds.
export const GET = async () => {
  const id = await userId();
  const { codes, asUser } = budgea();
  const code = await codes.issue(id, { singleUse: true });
  const tokens = [await asUser(id).token(), await finicity().application.token()];
  // Only here, for the matrix to look for them: a product shows them to nobody.
  return Response.json({ codes: [code.value], tokens: tokens.map(({ value }) => value) });
};
