/** What a faulty request is answered with. More kinds will come: match on `kind` with a default. */
export type FaultReply =
  /** An answer in the vendor's place; the request takes no effect. `body` is sent as it is. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  /** The request takes effect, but its answer never arrives: the connection is cut. */
  | { readonly kind: 'lost' }
  /** The connection is cut before the request takes effect. */
  | { readonly kind: 'unreachable' }
  /** Nothing ever comes, and nothing takes effect. Ends with the request's signal or the server. */
  | { readonly kind: 'hang' };

/** Which requests go wrong, and how. */
export interface Fault {
  /** Upper case. Default: every method. */
  readonly method?: string | undefined;
  /** A path as it appears in `calls`, or the beginning of one and a `*`. Default: every path. */
  readonly path?: string | undefined;
  /** How many matching requests. Default 1. */
  readonly times?: number | undefined;
  readonly reply: FaultReply;
}

/** Faults waiting for their requests. The one that was added first wins. */
export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
}

interface FaultQueue extends Faults {
  /** The reply for this request, which uses up one of the fault's times. */
  readonly take: (method: string, path: string) => FaultReply | undefined;
}

/** Faults that wait for their requests, oldest first. */
export const faultQueue = (): FaultQueue => {
  let waiting: readonly { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => {
      waiting = [...waiting, { fault, left: fault.times ?? 1 }];
    },
    clear: () => {
      waiting = [];
    },
    take: (method, path) => {
      const found = waiting.find(({ fault, left }) => left > 0 && matches(fault, method, path));
      if (found === undefined) return undefined;
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault.reply;
    },
  };
};

const matches = ({ method = '', path = '*' }: Fault, requestMethod: string, requestPath: string): boolean => {
  if (method !== '' && method !== requestMethod) return false;
  return path.endsWith('*') ? requestPath.startsWith(path.slice(0, -1)) : requestPath === path;
};
