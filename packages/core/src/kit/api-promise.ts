import { AuthError, copyOf } from '../errors.ts';
import type { ApiPromise, ApiResponse } from '../provider.ts';

/** Resolves to the data when awaited, and to the whole response with `.withResponse()`. */
export const apiPromise = <T>(response: Promise<ApiResponse<T>>): ApiPromise<T> => {
  const outcomeOf = <R>(read: (answer: ApiResponse<T>) => R): Promise<R> => {
    const outcome = answered(response, read);
    // Both promises still reject, but no rejection is unhandled where only the other one is awaited. Not before the response has failed:
    // a stack leads through promises that one alone waits for.
    response.catch(() => outcome.catch(() => {}));
    return outcome;
  };
  return Object.assign(
    outcomeOf(({ data }) => data),
    { withResponse: () => outcomeOf((answer) => answer) },
  );
};

const answered = async <T, R>(response: Promise<T>, read: (answer: T) => R): Promise<R> => {
  try {
    return read(await response);
  } catch (error) {
    throw AuthError.is(error) ? copyOf(error) : error;
  }
};
