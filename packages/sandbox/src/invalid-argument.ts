/** What a product passes to a sandbox does not fit. The message says which part, and what would. */
export class InvalidArgument extends TypeError {
  constructor(message: string) {
    super(message);
    this.name = 'TypeError';
  }
}
