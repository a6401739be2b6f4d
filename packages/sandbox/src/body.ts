/** The longest request body that is read. No vendor documents a limit. */
const LIMIT = 2 ** 20;

/** The body, or `undefined` if it is longer than 1 MiB, then the rest is left unread, or if its sender broke off. */
export const readBody = async (request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (Number(request.headers.get('content-length')) > LIMIT) return undefined;
  try {
    return await readUpToLimit(request);
  } catch {
    return undefined;
  }
};

const readUpToLimit = async (request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Every runtime can iterate a body through its reader; `for await` is missing in some.
  const reader = request.body?.getReader();
  for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
    length += chunk.value.byteLength;
    if (length > LIMIT) {
      await reader?.cancel();
      return undefined;
    }
    chunks.push(chunk.value);
  }
  return joined(chunks, length);
};

/** The object that a JSON text holds, `undefined` if it is anything else. */
export const parseJsonObject = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const joined = (chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
};
