import { redirect } from 'next/navigation';
import { budgea, userId } from '../../lib/aggregator.js';

export const dynamic = 'force-dynamic';

const connect = async () => {
  'use server';
  const session = await budgea().connect.start({ userId: await userId(), redirectUri: 'http://127.0.0.1/callback' });
  redirect(session.url);
};

export default function Connect() {
  return (
    <form action={connect}>
      <button type="submit">Connect a bank</button>
    </form>
  );
}
