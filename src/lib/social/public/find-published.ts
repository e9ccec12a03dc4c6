/**
 * What somebody published, for anybody (C-4 §4.6, C-9 §9.10). Nothing the node says is believed: the
 * tree is read from the state that the owner of the name signed, and leads to what he owns.
 */
import { loadWithin, type LoadBlock } from '#lib/champ/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { capabilityFromCbor, readOnly, type Capability } from '#lib/cryptree/index.ts';
import { handleOf, openTarget, type Handle, type Root } from '#lib/drive/index.ts';
import { PUBLIC_PATH_MAX } from '#lib/protocol/index.ts';
import { BlockMissing, NotOwned, readConsistently, verifyOwned } from '#lib/writers/index.ts';
import { LinkRoot } from '../links/link-root.ts';
import type { VisitDeps } from '../links/open-link.ts';
import { NotPublic } from '../errors.ts';
import { readingRecord } from '../records.ts';
import { PublicTree } from './public-tree.ts';

/** A hostile tree is not read any further. */
const READS = { blocks: 1024, bytes: 4 * 1024 * 1024 };

export interface PublishedItem {
  readonly capability: Capability;
  /** The file or folder, apart from any tree. */
  readonly item: Handle;
  /** The names it is published under, the user's first. */
  readonly path: readonly string[];
  /** Names below it that were asked for. */
  readonly rest: readonly string[];
  /** To be added to the roots of a guest's drive: the owner's home, with the way to the item in it. */
  readonly root: Root;
}

/**
 * The item that a path, the user's name first, is public by. @throws NotPublic, NotOwned,
 * MalformedSocialRecord, and what the node fails with
 */
export async function findPublished(
  { driveDeps, identityOf }: VisitDeps,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<PublishedItem> {
  const [username = ''] = path;
  if (path.length < 2 || path.length > PUBLIC_PATH_MAX) throw new NotPublic(path);
  const owner = await identityOf(username, signal);
  return readConsistently(driveDeps, owner, async (view) => {
    const { data } = await view.state(owner, signal);
    if (data?.publicData === undefined) throw new NotPublic(path);
    const load = bounded((cid) => view.block(cid, undefined, signal));
    const tree = await reading(PublicTree.open(load, data.publicData));
    const found = await reading(tree.lookUp(path));
    if (found === undefined) throw new NotPublic(path);
    const capability = readingRecord('The public tree', () =>
      readOnly(capabilityFromCbor(found.capability)),
    );
    if (!capability.owner.equals(owner)) {
      throw new NotOwned('What this leads to does not belong to the person it names.');
    }
    await verifyOwned(view, capability.writer);
    const target = await openTarget(view, capability, signal);
    if (target === undefined) throw new NotPublic(path);
    return {
      capability,
      item: handleOf(target, undefined),
      path: found.path,
      rest: path.slice(found.path.length),
      root: new LinkRoot(driveDeps, username, capability),
    };
  });
}

function bounded(load: LoadBlock): LoadBlock {
  const within = loadWithin(load, READS);
  return async (cid) => {
    const block = await within(cid);
    if (block === undefined) throw new BlockMissing(cid);
    return block;
  };
}

/** A tree of a wrong form is damaged, whatever the fault; an absent block may be of an older state. */
async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isForm = error instanceof PyrgosError && ['damaged', 'invalid'].includes(error.kind);
    if (!isForm || error instanceof BlockMissing) throw error;
    return readingRecord('The public tree', () => {
      throw error;
    });
  }
}
