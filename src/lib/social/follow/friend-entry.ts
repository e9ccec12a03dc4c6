/** Whether what somebody gives leads into his own tree (C-1 §1.1). */
import type { Capability } from '#lib/cryptree/index.ts';
import { Snapshot, verifyOwned } from '#lib/writers/index.ts';
import { FollowRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';

/**
 * Resolves if the capability's writing space belongs to the identity that `username` stands for.
 * @throws FollowRefused, NotOwned
 */
export async function verifyEntry(
  { driveDeps, identityOf }: Pick<SocialDeps, 'driveDeps' | 'identityOf'>,
  username: string,
  { owner, writer }: Capability,
  signal?: AbortSignal,
): Promise<void> {
  const identity = await identityOf(username, signal);
  if (!identity.equals(owner)) {
    throw new FollowRefused(`What was sent in the name of “${username}” leads to somebody else.`);
  }
  await verifyOwned(new Snapshot(driveDeps, owner), writer);
}
