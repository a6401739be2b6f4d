const notes = new WeakMap<Request, string>();

/** Notes the vendor's error code beside the request, for the log of calls. */
export const annotate = (request: Request, code: string): void => {
  notes.set(request, code);
};

/** What was noted, if anything. */
export const annotationOf = (request: Request): string | undefined => notes.get(request);
