/** Whose a capability is, by the name that stands before its path (C-1 §1.1, §1.10). */
import type { Capability } from '#lib/cryptree/index.ts';
import type { SocialDeps } from './person.ts';

/**
 * The capability under the identity that `username` stands for now. One that names a former identity
 * of his still counts if his writing space came along, which the caller has to check; one that names
 * somebody else does not: undefined. The node is asked again only where the remembered identity is
 * another.
 */
export async function underPresentOwner(
  { identityOf, identitiesOf }: Pick<SocialDeps, 'identityOf' | 'identitiesOf'>,
  username: string,
  capability: Capability,
  signal?: AbortSignal,
): Promise<Capability | undefined> {
  const known = await identityOf(username, signal);
  if (known.equals(capability.owner)) return capability;
  const identities = await identitiesOf(username, signal);
  const present = identities.at(-1);
  const isHis = identities.some((identity) => identity.equals(capability.owner));
  return isHis && present !== undefined ? { ...capability, owner: present } : undefined;
}
