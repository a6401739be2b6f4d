/** A result that comes when told. */
export const pending = <T = string>(): {
  readonly result: Promise<T>;
  readonly succeed: (value: T) => void;
  readonly fail: (error: Error) => void;
} => {
  let succeed: (value: T) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const result = new Promise<T>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { result, succeed, fail };
};
