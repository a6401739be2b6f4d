/** Tells this package from the package of the same name of another project, which does not export this. */
export const isAuthCore = true;
