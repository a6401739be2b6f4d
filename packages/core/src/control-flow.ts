/**
 * Whether a framework threw this to steer its own rendering, as Next does for redirects and pages that cannot be static. It is no failure, so it
 * must reach the framework as it is.
 */
export const isControlFlow = (error: unknown): boolean => {
  try {
    return typeof Object(error).digest === 'string';
  } catch {
    return false;
  }
};
