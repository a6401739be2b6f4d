import { azure } from './azure.ts';
import { badgateway } from './badgateway.ts';
import { google } from './google.ts';
import { handWritten } from './hand-written.ts';
import { kyRecipe } from './ky-recipe.ts';
import { msal } from './msal.ts';
import { octokit } from './octokit.ts';
import { openidClient } from './openid-client.ts';
import { ours } from './ours.ts';
import type { Peer } from './peer.ts';
import { simpleOauth2 } from './simple-oauth2.ts';
import { smithy } from './smithy.ts';

/** Us first. */
export const PEERS: readonly Peer[] = [
  ours,
  azure,
  badgateway,
  google,
  handWritten,
  kyRecipe,
  msal,
  octokit,
  openidClient,
  simpleOauth2,
  smithy,
];

export const peerNamed = (name: string | undefined): Peer => {
  const found = PEERS.find((peer) => peer.name === name);
  if (found === undefined) throw new Error(`There is no peer called ${name}.`);
  return found;
};
