/** Tells this package from Auth.js, which has the same name on the public npm registry and does not export this. */
export const isAuthCore = true;
