/** The public tree of the account that is signed in, within a change of its own. */
import { decodeBlock } from '#lib/codec/index.ts';
import { Signer } from '#lib/crypto/index.ts';
import { capabilityToCbor, readOnly } from '#lib/cryptree/index.ts';
import { TRASH_FOLDER, type Change, type Handle } from '#lib/drive/index.ts';
import { publicDataToCbor } from '#lib/protocol/index.ts';
import type { SocialDeps } from '../person.ts';
import { PublicTree, type PublishedPath } from './public-tree.ts';

type Deps = Pick<SocialDeps, 'person'>;

/** The tree as it is in this change; undefined if nothing was ever published. */
async function openIfAny(change: Change, { person }: Deps): Promise<PublicTree | undefined> {
  const { data } = await change.commit.state(person.identity.hash, change.signal);
  return data?.publicData === undefined ? undefined : open(change, { person });
}

async function open(change: Change, { person }: Deps): Promise<PublicTree> {
  const { commit, signal } = change;
  const { data } = await commit.state(person.identity.hash, signal);
  return PublicTree.open((cid) => commit.block(cid, undefined, signal), data?.publicData);
}

/** Makes what was changed in the tree part of the change. */
async function save({ commit }: Change, { person }: Deps, tree: PublicTree): Promise<void> {
  const signer = Signer.of(person.identity);
  const data = tree.save((block) => commit.putCbor(signer, decodeBlock(block)));
  const publicData = commit.putCbor(signer, publicDataToCbor(data));
  await commit.changeWriterData(signer, (state) => state.with({ publicData }));
}

/** Publishes an item at its path. */
export async function putPublic(
  change: Change,
  deps: Deps,
  path: readonly string[],
  { capability }: Handle,
): Promise<void> {
  const tree = await open(change, deps);
  await tree.put(path, capabilityToCbor(readOnly(capability)));
  await save(change, deps, tree);
}

/** Ends the publication of a path; false if there was none. */
export async function removePublic(
  change: Change,
  deps: Deps,
  path: readonly string[],
): Promise<boolean> {
  const tree = await openIfAny(change, deps);
  if (tree === undefined || !(await tree.remove(path))) return false;
  await save(change, deps, tree);
  return true;
}

/** What is published at a path and below it; with the whole path what makes it public. */
export async function publicBelow(
  change: Change,
  deps: Deps,
  path: readonly string[],
): Promise<readonly PublishedPath[]> {
  return (await (await openIfAny(change, deps))?.below(path)) ?? [];
}

/** The path that makes another one public: its own, or that of a folder above. */
export async function publicAbove(
  change: Change,
  deps: Deps,
  path: readonly string[],
): Promise<readonly string[] | undefined> {
  return (await (await openIfAny(change, deps))?.lookUp(path))?.path;
}

/** Publishes what got new keys, at and below a path, with these. */
export async function republish(
  change: Change,
  deps: Deps,
  path: readonly string[],
  itemAt: (path: readonly string[]) => Promise<Handle | undefined>,
): Promise<void> {
  const tree = await openIfAny(change, deps);
  const published = (await tree?.below(path)) ?? [];
  if (tree === undefined || published.length === 0) return;
  for (const { path: at } of published) {
    const item = await itemAt(at);
    if (item === undefined) await tree.remove(at);
    else await tree.put(at, capabilityToCbor(readOnly(item.capability)));
  }
  await save(change, deps, tree);
}

/** Ends what is published at a path and below it, which is about to be deleted. */
export async function forgetPublic(
  change: Change,
  deps: Deps,
  path: readonly string[],
): Promise<void> {
  const tree = await openIfAny(change, deps);
  const published = (await tree?.below(path)) ?? [];
  if (tree === undefined || published.length === 0) return;
  for (const { path: at } of published.toReversed()) await tree.remove(at);
  await save(change, deps, tree);
}

/** Publishes under its new path what was moved; what was thrown away is public no longer. */
export async function movePublic(
  change: Change,
  deps: Deps,
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  const tree = await openIfAny(change, deps);
  const published = (await tree?.below(from)) ?? [];
  if (tree === undefined || published.length === 0) return;
  for (const { path } of published.toReversed()) await tree.remove(path);
  if (to[1] !== TRASH_FOLDER) {
    for (const { path, capability } of published) {
      await tree.put([...to, ...path.slice(from.length)], capability);
    }
  }
  await save(change, deps, tree);
}
