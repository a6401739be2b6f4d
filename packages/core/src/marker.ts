/** Tells this package from one of another project that has the same name, and does not export this. */
export const isAuthCore = true;
