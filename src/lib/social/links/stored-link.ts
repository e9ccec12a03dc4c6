/**
 * Putting a link into the owner's tree: its target holds what the item's capability is now, sealed
 * with the link's passwords, so that the address stays good when keys change.
 */
import { isShared, type EntryShares, type LinkProperties } from '../share/shared-with.ts';
import { noteShares } from '../share/outgoing.ts';
import { readOnly, type Capability } from '#lib/cryptree/index.ts';
import type { Change, Handle } from '#lib/drive/index.ts';
import { secretLinkTargetToCbor } from '#lib/protocol/index.ts';
import { ShareRefused } from '../errors.ts';
import { encryptCapability, encryptedCapabilityToCbor } from './encrypted-capability.ts';
import { LinkTree, type LinkTreeDeps } from './link-tree.ts';

/**
 * Stores a link to an item in place of what is there of it; answers it with its new target.
 * @throws ChampConflict if something else than `expected` is there
 */
export async function storeLink(
  change: Change,
  tree: LinkTree,
  item: Handle,
  link: LinkProperties,
  expected: LinkProperties['target'],
): Promise<LinkProperties> {
  const capability = linkedCapability(item, link.isWritable);
  const encrypted = await encryptCapability(capability, link, change.random, change.signal);
  const { expirySeconds, maxRetrievals } = link;
  const target = secretLinkTargetToCbor({
    capability: encryptedCapabilityToCbor(encrypted),
    expirySeconds,
    maxRetrievals,
  });
  return { ...link, target: await tree.put(link.label, expected, target) };
}

/**
 * What a visitor is given. To write it is the link node's: that leads to the item's own writing
 * space and shows the name its folder gave it, but gives no right in the folder's space.
 */
function linkedCapability(item: Handle, isWritable: boolean): Capability {
  if (!isWritable) return readOnly(item.capability);
  const folder = item.parent?.capability;
  const hasOwnSpace = folder !== undefined && !folder.writer.equals(item.capability.writer);
  const capability = item.link?.capability ?? item.capability;
  if (!hasOwnSpace || capability.writeKey === undefined) {
    throw new ShareRefused('This item has no writing space of its own.');
  }
  return capability;
}

/** An item whose keys are new, and what is noted of it. */
export interface RekeyedItem {
  readonly path: readonly string[];
  readonly shares: EntryShares;
  readonly item: Handle;
}

/** Gives the links of items that have new keys new targets; their addresses stay (C-3 §3.5). */
export async function remakeLinks(
  change: Change,
  deps: LinkTreeDeps,
  home: Handle,
  items: readonly RekeyedItem[],
): Promise<void> {
  const linked = items.filter(({ shares }) => shares.links.length > 0);
  if (linked.length === 0) return;
  const tree = await LinkTree.open(change, deps);
  for (const { path, shares, item } of linked) {
    const links: LinkProperties[] = [];
    for (const link of shares.links) {
      // Whatever is there opens nothing any more, even if it is not what was noted.
      links.push(await storeLink(change, tree, item, link, await tree.get(link.label)));
    }
    await noteShares(change, home, path, (now) => ({ ...now, links }));
  }
  await tree.save();
}

/** Takes the links of items out of the tree. Notes of them are the caller's. */
export async function withdrawLinks(
  change: Change,
  deps: LinkTreeDeps,
  shares: readonly EntryShares[],
): Promise<void> {
  const labels = shares.filter(isShared).flatMap(({ links }) => links.map(({ label }) => label));
  if (labels.length === 0) return;
  const tree = await LinkTree.open(change, deps);
  await tree.remove(labels);
  await tree.save();
}
