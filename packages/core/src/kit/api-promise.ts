import type { ApiPromise, ApiResponse } from '../provider.ts';

/** Resolves to the data when awaited, and to the whole response with `.withResponse()`. */
export const apiPromise = <T>(response: Promise<ApiResponse<T>>): ApiPromise<T> => {
  const data = response.then((answer) => answer.data);
  // Both promises still reject, but no rejection is unhandled where only the other one is awaited.
  data.catch(() => {});
  return Object.assign(data, { withResponse: () => response });
};
