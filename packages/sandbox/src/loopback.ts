/** Whether a host, as URLs or sockets write it, is this machine and nobody else. */
export const isLoopback = (host: string): boolean =>
  /^(?:(?:[^.]+\.)*localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|::ffff:127(?:\.\d{1,3}){3})$/i.test(host);

/** Whether a page of this origin was served by this machine. `null`, the origin of sandboxed pages, is nobody's. */
export const isLoopbackOrigin = (origin: string): boolean => URL.canParse(origin) && isLoopback(new URL(origin).hostname);
