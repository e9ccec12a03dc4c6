/**
 * Pending changes that would be lost when somebody signs out or an account is forgotten. Sending them
 * needs no key unless they have to be merged: they are signed already.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { AccountNode } from './node-directory.ts';
import { ChangesPending } from './pending-changes.ts';

/** Sends what can be sent; returns the number of changes that are still pending. */
export async function pendingAt(accountNode: AccountNode, username: string): Promise<number> {
  const { queue } = accountNode;
  const owner = await ownerOf(accountNode, username);
  if (queue === undefined || owner === undefined) return 0;
  if ((await queue.node.pending(owner)) === 0) return 0;
  // A refusal can only be resolved while signed in.
  await queue.node.send(owner).catch(() => undefined);
  return queue.node.pending(owner);
}

/** Deletes the pending changes. Throws {@link ChangesPending} unless `discardsChanges`. */
export async function discardPending(
  accountNode: AccountNode,
  username: string,
  discardsChanges: boolean,
): Promise<void> {
  const owner = await ownerOf(accountNode, username);
  if (accountNode.queue === undefined || owner === undefined) return;
  if (!discardsChanges && (await pendingAt(accountNode, username)) > 0) throw new ChangesPending();
  await accountNode.queue.node.discard(owner);
}

/** Undefined where neither node nor cache knows the name: then there are no changes of it here. */
async function ownerOf({ queue }: AccountNode, username: string): Promise<KeyHash | undefined> {
  try {
    return await queue?.node.through.names.publicKey(username);
  } catch {
    return undefined;
  }
}
