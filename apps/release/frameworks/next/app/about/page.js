import { budgea } from '../../lib/aggregator.js';

// Made while the product is built: imports the provider, and has no use for it yet.
export default function About() {
  return <p>{typeof budgea}</p>;
}
