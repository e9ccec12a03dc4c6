/**
 * Changes of an account that would be left behind when somebody signs out or the account is
 * forgotten. Sending needs no key where nothing has to be put together: what waits is signed.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodePlace } from './node-directory.ts';
import { ChangesWaiting } from './pending-changes.ts';

/** Sends what can be sent; answers how many changes wait still. */
export async function unsentAt(place: NodePlace, username: string): Promise<number> {
  const { queue } = place;
  const owner = await ownerAt(place, username);
  if (queue === undefined || owner === undefined) return 0;
  if ((await queue.node.pending(owner)) === 0) return 0;
  // Why it cannot be sent is for who is signed in to settle.
  await queue.node.send(owner).catch(() => undefined);
  return queue.node.pending(owner);
}

/** Throws {@link ChangesWaiting} if anything waits that is not to be lost. */
export async function leaveBehind(
  place: NodePlace,
  username: string,
  losesChanges: boolean,
): Promise<void> {
  const owner = await ownerAt(place, username);
  if (place.queue === undefined || owner === undefined) return;
  if (!losesChanges && (await unsentAt(place, username)) > 0) throw new ChangesWaiting();
  await place.queue.node.discard(owner);
}

/** Undefined where nobody at hand knows: then nothing was ever done here in that name. */
async function ownerAt({ queue }: NodePlace, username: string): Promise<KeyHash | undefined> {
  try {
    return await queue?.node.through.names.publicKey(username);
  } catch {
    return undefined;
  }
}
