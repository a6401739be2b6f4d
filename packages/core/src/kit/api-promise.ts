import type { ApiPromise, ApiResponse } from '../provider.ts';

/** Gives the data when awaited, and the whole answer on `.withResponse()`. */
export const apiPromise = <T>(response: Promise<ApiResponse<T>>): ApiPromise<T> => {
  const data = response.then((answer) => answer.data);
  // Whoever awaits only the other of the two still gets the rejection; nobody gets it as an unhandled one.
  data.catch(() => {});
  return Object.assign(data, { withResponse: () => response });
};
