/**
 * Finding a published file (A-6 §8): from the root of the public table over the elements of the
 * path, the user's name first, to the first that carries a capability. All of it is public.
 */
import { concat, toBase58, utf8 } from '#lib/bytes/index.ts';
import { loadWithin, lookUpInNode, walkToKey } from '#lib/champ/index.ts';
import type { LoadStored } from '#lib/champ/index.ts';
import { asBytes, asLink, decodeCbor, encodeCbor, field, optional } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import {
  inodeToCbor,
  LinkRefused,
  PUBLIC_PATH_MAX,
  PUBLIC_ROOT,
  publicDataFromCbor,
  publicDirectoryFromCbor,
  publishedEntryFromCbor,
} from '#lib/protocol/index.ts';
import type { PublicDirectory, PublishedEntry } from '#lib/protocol/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { PUBLIC_READS, readState } from './public-state.ts';
import { requireIdentity } from './users.ts';

/** The capability link (A-7 §4) of the path or of the published directory it lies in. */
export async function publishedCapability(
  deps: LocalNodeDeps,
  username: string,
  path: readonly string[],
): Promise<string> {
  const identity = await requireIdentity(deps, username);
  const link = optional(await readState(deps, identity), 'public');
  if (link === undefined) throw new LinkRefused('nothing-public');
  const owner = await partitionOf(deps, identity);
  const load = loadWithin((cid) => loadVerified(deps, owner, cid), PUBLIC_READS);
  const block = await load(asLink(link, 'The public data'));
  if (block === undefined) throw new LinkRefused('nothing-public');
  const { table } = publicDataFromCbor(decodeCbor(block));
  if (path.length >= PUBLIC_PATH_MAX) throw new LinkRefused('not-public');
  let inode = PUBLIC_ROOT;
  for (const name of [username, ...path]) {
    const key = encodeCbor(inodeToCbor(inode));
    const found = await walkToKey(table, key, load, () => undefined, sha256Now(key));
    const child =
      found === undefined ? undefined : await childOf(publicDirectoryFromCbor(found), name, load);
    if (child === undefined) throw new LinkRefused('not-public');
    if (child.capability !== undefined) return capabilityLink(child.capability);
    ({ inode } = child);
  }
  throw new LinkRefused('not-public');
}

/** The entry of a name: from a list, or from the champ that a large directory is. */
async function childOf(
  directory: PublicDirectory,
  name: string,
  load: LoadStored,
): Promise<PublishedEntry | undefined> {
  if (directory.kind === 'list') {
    return directory.entries.find(({ inode }) => inode.name === name);
  }
  const key = utf8(name);
  const child = await lookUpInNode(directory.root, key, load, sha256Now(key));
  return child === undefined ? undefined : publishedEntryFromCbor(child);
}

function capabilityLink(capability: CborMap): string {
  const get = (key: string) => field(capability, key, 'A capability');
  const bat = optional(capability, 'a');
  const parts = [
    encodeCbor(asLink(get('o'), 'The owner')),
    encodeCbor(asLink(get('w'), 'The writer')),
    concat(
      asBytes(get('m'), 'The map key'),
      bat === undefined ? new Uint8Array() : encodeCbor(bat),
    ),
    encodeCbor(get('k')),
  ];
  return `#${parts.map(toBase58).join('/')}`;
}
