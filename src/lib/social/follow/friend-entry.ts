/** Whether what somebody gives leads into his own tree (C-1 §1.1). */
import type { Capability } from '#lib/cryptree/index.ts';
import { Snapshot, verifyOwned } from '#lib/writers/index.ts';
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
