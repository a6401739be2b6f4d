/** Runtimes that may be missing even in CI, with the reason: the one place to say so. At present each can be had. */
export const UNREACHABLE: Readonly<Record<string, string>> = {};
