import { AuthError, copyOf } from '../errors.ts';

/**
 * Gives every `AuthError` of `run` the operation of the capability, because that is what the caller called. Other errors stay as they are.
 *
 * @example
 * ```ts
 * const get = (userId: string): Promise<User> => asOperation('users.get', () => api.getUser(userId, { as }));
 * ```
 */
export const asOperation = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw AuthError.is(error) && error.operation !== operation ? copyOf(error, { operation }) : error;
  }
};
