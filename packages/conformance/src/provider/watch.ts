/** What was printed and what went unhandled while something ran. */
export interface Noise {
  readonly printed: readonly unknown[];
  readonly unhandled: readonly unknown[];
}

interface Emitter {
  readonly on: (name: string, listener: (value: unknown) => void) => unknown;
  readonly off: (name: string, listener: (value: unknown) => void) => unknown;
}

/** Listens to the console, the process's streams, its warnings and its unhandled rejections, where the runtime has them. */
export const watched = async (run: () => Promise<void>): Promise<Noise> => {
  const printed: unknown[] = [];
  const unhandled: unknown[] = [];
  const host: unknown = Reflect.get(globalThis, 'process');
  const restore = [
    ...tap(Reflect.get(globalThis, 'console'), isFunctionName, printed),
    ...['stdout', 'stderr'].flatMap((stream) => tap(memberOf(host, stream), (name) => name === 'write', printed)),
    listen(host, 'warning', printed),
    listen(host, 'unhandledRejection', unhandled),
  ];
  try {
    await run();
    // Rejections are reported as unhandled a turn later.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    for (const undo of restore) undo();
  }
  return { printed, unhandled };
};

const isFunctionName = (name: string): boolean => /^[a-z]+$/i.test(name) && name !== 'constructor';

/** Notes what these functions are called with, and calls them. */
const tap = (target: unknown, isWanted: (name: string) => boolean, notes: unknown[]): readonly (() => void)[] => {
  if (typeof target !== 'object' || target === null) return [];
  const names = [
    ...new Set([...Object.getOwnPropertyNames(target), ...Object.getOwnPropertyNames(Reflect.getPrototypeOf(target) ?? {}), 'write']),
  ];
  return names.filter(isWanted).flatMap((name) => {
    const original: unknown = Reflect.get(target, name);
    const own = Reflect.getOwnPropertyDescriptor(target, name);
    if (typeof original !== 'function' || own?.configurable === false) return [];
    const noting = (...given: unknown[]): unknown => {
      notes.push(given);
      return Reflect.apply(original, target, given);
    };
    Object.defineProperty(target, name, { value: noting, configurable: true, writable: true, enumerable: own?.enumerable ?? false });
    return [
      (): void => {
        if (own) Object.defineProperty(target, name, own);
        else Reflect.deleteProperty(target, name);
      },
    ];
  });
};

const listen = (host: unknown, name: string, notes: unknown[]): (() => void) => {
  if (!isEmitter(host)) return () => {};
  const listener = (value: unknown): void => void notes.push(value);
  host.on(name, listener);
  return () => void host.off(name, listener);
};

const isEmitter = (value: unknown): value is Emitter =>
  typeof memberOf(value, 'on') === 'function' && typeof memberOf(value, 'off') === 'function';

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
