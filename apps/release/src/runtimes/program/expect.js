/**
 * The runtimes have no assertion in common.
 *
 * @param {boolean} holds
 * @param {string} otherwise What is the matter if not: never with a secret, as it is printed.
 */
export const expect = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};
