/** Whether what somebody gives leads into his own tree (C-1 §1.1). */
import type { Capability, EntryPoint } from '#lib/cryptree/index.ts';
import { openAll } from '#lib/drive/index.ts';
import { readConsistently, Snapshot, verifyOwned } from '#lib/writers/index.ts';
import { FollowRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { underPresentOwner } from '../present-owner.ts';

/**
 * Resolves if the capability's writing space belongs to the identity that `username` stands for.
 * @throws FollowRefused, NotOwned
 */
export async function verifyEntry(
  deps: Pick<SocialDeps, 'driveDeps' | 'identityOf' | 'identitiesOf'>,
  username: string,
  capability: Capability,
  signal?: AbortSignal,
): Promise<void> {
  const present = await underPresentOwner(deps, username, capability, signal);
  if (present === undefined) {
    throw new FollowRefused(`What was sent in the name of “${username}” leads to somebody else.`);
  }
  await verifyOwned(new Snapshot(deps.driveDeps, present.owner), present.writer);
}

/** Whether the folder by which somebody let us follow is still there: it goes with a removed follower. */
export async function isThere(
  { driveDeps }: Pick<SocialDeps, 'driveDeps'>,
  { capability }: EntryPoint,
  signal?: AbortSignal,
): Promise<boolean> {
  return readConsistently(driveDeps, capability.owner, async (view) => {
    const [node] = await openAll(view, [capability], signal);
    return node !== undefined;
  });
}
