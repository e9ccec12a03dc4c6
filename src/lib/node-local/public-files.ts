/**
 * Finding a published file (A-6 §8): from the root of the public table over the elements of the
 * path, the user's name first, to the first that carries a capability. All of it is public.
 */
import { concat, toBase58, utf8 } from '#lib/bytes/index.ts';
import { loadWithin, lookUpInNode, walkToKey } from '#lib/champ/index.ts';
import type { LoadStored } from '#lib/champ/index.ts';
import {
  asBytes,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  decodeCbor,
  encodeCbor,
  field,
  optional,
} from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import { LinkRefused } from '#lib/protocol/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { PUBLIC_READS, readState } from './public-state.ts';
import { requireIdentity } from './users.ts';

const MAX_PATH_ELEMENTS = 256;
const ROOT: CborValue = cborMap([
  ['i', 0],
  ['n', ''],
]);

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
  const table = asLink(field(asMap(decodeCbor(block), WHAT), 'r', WHAT), 'The public table');
  if (path.length > MAX_PATH_ELEMENTS) throw new LinkRefused('not-public');
  let inode = ROOT;
  for (const name of [username, ...path]) {
    const key = encodeCbor(inode);
    const directory = await walkToKey(table, key, load, () => undefined, sha256Now(key));
    const child = directory === undefined ? undefined : await childOf(directory, name, load);
    if (child === undefined) throw new LinkRefused('not-public');
    const capability = optional(child, 'c');
    if (capability !== undefined) return capabilityLink(asMap(capability, 'A capability'));
    inode = asMap(field(child, 'i', WHAT), 'An inode');
  }
  throw new LinkRefused('not-public');
}

const WHAT = 'The public data';

/** The InodeCap of a child: from a list, or from the champ that a large directory is. */
async function childOf(
  directory: CborValue,
  name: string,
  load: LoadStored,
): Promise<CborMap | undefined> {
  if (Array.isArray(directory)) {
    const key = utf8(name);
    const child = await lookUpInNode(directory as CborValue, key, load, sha256Now(key));
    return child === undefined ? undefined : asMap(child, 'A published file');
  }
  const children = asList(field(asMap(directory, WHAT), 'c', WHAT), 'The children');
  return children
    .map((child) => asMap(child, 'A published file'))
    .find((child) => asText(field(asMap(field(child, 'i', WHAT), WHAT), 'n', WHAT), WHAT) === name);
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
