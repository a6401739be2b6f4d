export declare const run: (steps: Readonly<Record<string, () => unknown>>) => Promise<void>;
