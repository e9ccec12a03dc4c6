/**
 * Operations of the node's operator, at its own machine: invitations, quotas, conversations. Nothing of
 * it can be asked for over the network (B-2 §6.4, B-5 §3, §4).
 */
import { asInteger, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import {
  createInvitation,
  listInvitations,
  removeInvitation,
  allowMigration,
} from './sign-up-policy.ts';
import type { Invitation, ListedInvitation } from './sign-up-policy.ts';
import type { LocalNodeDeps } from './context.ts';
import { messagesOf, sendFromOperator } from './messages.ts';
import type { ServerMessage } from './messages.ts';
import { openSpaceRequest, spaceUsed } from './space.ts';
import type { SpaceUsed } from './space.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { quotaOf } from './quota.ts';
import { listRecords, TABLE } from './records.ts';
import { requireIdentity } from './users.ts';

export interface WaitingSpaceRequest {
  readonly username: string;
  readonly quotaBytes: number;
}

export interface Operator {
  /** Answers the token, 64 hex characters, which is not kept and not shown again. */
  createInvitation(invitation?: Invitation): Promise<string>;
  /** Lets the account of this name move here from another node (B-2 §12). */
  allowMigration(username: string, grants?: Pick<Invitation, 'quotaBytes'>): Promise<void>;
  invitations(): Promise<ListedInvitation[]>;
  removeInvitation(id: string): Promise<void>;
  /** Names of the operators made by an invitation or {@link setOperator}. */
  operators(): Promise<string[]>;
  setOperator(username: string, isOperator: boolean): Promise<void>;
  setQuota(username: string, quotaBytes: number): Promise<void>;
  usage(username: string): Promise<SpaceUsed & { readonly quotaBytes: number }>;
  spaceRequests(): Promise<WaitingSpaceRequest[]>;
  /** Removes a request without granting it. */
  rejectSpaceRequest(username: string): Promise<void>;
  /** All messages to and from a user, oldest first. */
  messages(username: string): Promise<ServerMessage[]>;
  sendMessage(username: string, body: string, repliesTo?: number): Promise<ServerMessage>;
  /** Whether anybody has an account here, without listing them. */
  hasAccounts(): Promise<boolean>;
  waitingList(): Promise<{ readonly email: string; readonly sinceMs: number }[]>;
}

export function createOperator(deps: LocalNodeDeps): Operator {
  const write = (table: string, key: string, value: Uint8Array | undefined) =>
    deps.records.apply({ writes: [{ table, key, value }] });
  return {
    createInvitation: (invitation) => createInvitation(deps, invitation),
    allowMigration: (username, grants) => allowMigration(deps, username, grants),
    invitations: () => listInvitations(deps),
    removeInvitation: (id) => removeInvitation(deps, id),
    hasAccounts: async () => (await deps.records.list(TABLE.names, '', undefined, 1)).length > 0,
    operators: async () => (await listRecords(deps.records, TABLE.operators)).map(({ key }) => key),
    setOperator: async (username, isOperator) => {
      await requireIdentity(deps, username);
      await write(TABLE.operators, username, isOperator ? new Uint8Array() : undefined);
    },
    setQuota: async (username, quotaBytes) => {
      const owner = await partitionOf(deps, await requireIdentity(deps, username));
      await write(TABLE.quotas, owner.toString(), encodeCbor(quotaBytes));
    },
    usage: async (username) => {
      const owner = await partitionOf(deps, await requireIdentity(deps, username));
      const [used, quotaBytes] = await Promise.all([spaceUsed(deps, owner), quotaOf(deps, owner)]);
      return { ...used, quotaBytes };
    },
    spaceRequests: async () => {
      const listed = await listRecords(deps.records, TABLE.spaceRequests);
      return Promise.all(listed.map(({ key, value }) => waitingRequest(deps, key, value)));
    },
    rejectSpaceRequest: async (username) => {
      await write(TABLE.spaceRequests, username, undefined);
    },
    messages: (username) => messagesOf(deps, username),
    sendMessage: (username, body, repliesTo) => sendFromOperator(deps, username, body, repliesTo),
    waitingList: async () =>
      (await listRecords(deps.records, TABLE.waiting)).map(({ key, value }) => ({
        email: key,
        sinceMs: asInteger(decodeBlock(value), 'The time'),
      })),
  };
}

async function waitingRequest(
  deps: LocalNodeDeps,
  username: string,
  signed: Uint8Array,
): Promise<WaitingSpaceRequest> {
  const identity = await requireIdentity(deps, username);
  const { quotaBytes } = await openSpaceRequest(await publicKeyOf(deps, identity), signed);
  return { username, quotaBytes };
}
