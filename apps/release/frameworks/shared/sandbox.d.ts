interface Call {
  readonly path: string;
  readonly status: number;
}

export declare const sandboxAt: (url: string | undefined) => {
  readonly calls: () => Promise<readonly Call[]>;
  readonly since: (past: readonly Call[], ...paths: readonly string[]) => Promise<readonly Call[]>;
  readonly expireTokens: () => Promise<void>;
  readonly fault: (fault: object) => Promise<void>;
  readonly advance: (milliseconds: number) => Promise<void>;
};
