const field = { value: 'x'.repeat(500), until: performance.now() + 3_600_000 };

/** What a read of a warm token costs at least: an async function that checks an expiry and returns a field. */
export const floor = async (): Promise<string | undefined> => (performance.now() < field.until ? field.value : undefined);

/** The same without a promise. */
export const syncFloor = (): string | undefined => (performance.now() < field.until ? field.value : undefined);
