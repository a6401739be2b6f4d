import type { Clock } from '@auth/core';
import { alphanumerics, digits, type Random } from '../random.ts';
import { type JwtIssuer, jwtIssuer } from './jwt.ts';

/** A client application of the domain. */
export interface ClientApplication {
  readonly id: number;
  /** The id as its holder writes it. */
  readonly clientId: string;
  readonly secret: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly pro: boolean;
  /** Colours and descriptions, by their names on the wire. */
  readonly texts: Readonly<Record<string, string>>;
  /** What the client keeps for itself; `information` in 2019. */
  readonly config: string;
  /** The key pair that its users' JWTs are signed with, once it owns one. */
  readonly issuer: JwtIssuer | undefined;
}

type Changes = Partial<Omit<ClientApplication, 'id' | 'clientId'>>;

/** The client applications of a sandbox. */
export interface ClientApplications {
  readonly list: () => readonly ClientApplication[];
  readonly find: (id: number) => ClientApplication | undefined;
  /** The client that these are the credentials of. */
  readonly authenticated: (clientId: string, clientSecret: string) => ClientApplication | undefined;
  readonly create: (client: Changes) => ClientApplication;
  /** `undefined` for an unknown id. */
  readonly update: (id: number, changes: Changes) => ClientApplication | undefined;
  readonly delete: (id: number) => void;
  readonly newSecret: () => string;
  readonly newKeys: () => JwtIssuer;
  /** Ends the users' JWTs of all clients. */
  readonly revokeJwts: () => void;
  readonly reset: () => void;
}

/** What there is from the beginning. */
export interface ReadyClient {
  readonly clientId: string;
  readonly secret: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
}

/** Clients in memory; the ready one owns a key pair. */
export const clientApplications = ({
  clock,
  random,
  ready,
}: {
  readonly clock: Clock;
  readonly random: Random;
  readonly ready: ReadyClient;
}): ClientApplications => {
  const clients = new Map<number, ClientApplication>();
  const newSecret = (): string => alphanumerics(random, 32);
  const newKeys = (): JwtIssuer => jwtIssuer(clock);

  const add = (clientId: string, changes: Changes): ClientApplication => {
    const blank = { secret: '', name: '', redirectUris: [], pro: false, texts: {}, config: '', issuer: undefined };
    const created: ClientApplication = { ...blank, ...changes, id: Number(clientId), clientId };
    clients.set(created.id, created);
    return created;
  };
  const unusedId = (): string => {
    const id = digits(random, 8);
    return clients.has(Number(id)) ? unusedId() : id;
  };
  const reset = (): void => {
    clients.clear();
    const { clientId, ...rest } = ready;
    add(clientId, { ...rest, issuer: newKeys() });
  };
  reset();

  return {
    list: () => [...clients.values()],
    find: (id) => clients.get(id),
    authenticated: (clientId, clientSecret) => {
      const found = clients.get(Number(clientId));
      return found?.clientId === clientId && found.secret === clientSecret ? found : undefined;
    },
    create: (client) => add(unusedId(), { secret: newSecret(), ...client }),
    update: (id, changes) => {
      const found = clients.get(id);
      return found === undefined ? undefined : add(found.clientId, { ...found, ...changes });
    },
    delete: (id) => {
      clients.delete(id);
    },
    newSecret,
    newKeys,
    revokeJwts: () => {
      for (const { issuer } of clients.values()) issuer?.revokeAll();
    },
    reset,
  };
};
