/**
 * Look-ups in one state of the registry: a walk from its root to the name's chain, in the records of
 * this node alone. So every look-up sees one whole state, and nobody else learns who looks up whom.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { storedPairs, walkToKey } from '#lib/champ/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { blake2b512 } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { fromUtf8 } from '#lib/bytes/index.ts';
import { RegistryIncomplete } from './errors.ts';
import { chainOf } from './judge.ts';
import { readBlock, readKeyOwner } from './records.ts';

/** The block of a name's chain; undefined: the name is free. */
export async function chainCidOf(
  records: RecordStore,
  root: Cid,
  username: string,
): Promise<Cid | undefined> {
  const key = utf8(username);
  const value = await walkToKey(
    root,
    key,
    (cid) => requiredBlock(records, cid),
    () => undefined,
    blake2b512(key),
  );
  return value instanceof Cid ? value : undefined;
}

/** The chain as it is registered, CBOR; undefined: the name is free. */
export async function chainBytesOf(
  records: RecordStore,
  root: Cid,
  username: string,
): Promise<Uint8Array | undefined> {
  const cid = await chainCidOf(records, root, username);
  return cid === undefined ? undefined : requiredBlock(records, cid);
}

/** Whether a key is one of a name's, now or earlier. */
export async function hasKey(
  records: RecordStore,
  root: Cid,
  username: string,
  owner: KeyHash,
): Promise<boolean> {
  const bytes = await chainBytesOf(records, root, username);
  return bytes !== undefined && chainOf(bytes).some((link) => link.owner.equals(owner));
}

/** The name of an identity, also of a former one. */
export async function nameOfKey(
  records: RecordStore,
  root: Cid,
  owner: KeyHash,
): Promise<string | undefined> {
  const name = await readKeyOwner(records, owner);
  // What was noted for a state that never counted says nothing.
  if (name === undefined || !(await hasKey(records, root, name, owner))) return undefined;
  return name;
}

/** All names of a state, in the order of their places. */
export async function* namesIn(records: RecordStore, root: Cid): AsyncGenerator<string> {
  for await (const { key } of storedPairs((cid) => requiredBlock(records, cid), root)) {
    yield fromUtf8(key);
  }
}

/** A block that a state leads to is always there; else the store is damaged, and nothing is free. */
async function requiredBlock(records: RecordStore, cid: Cid): Promise<Uint8Array> {
  const bytes = await readBlock(records, cid);
  if (bytes === undefined) throw new RegistryIncomplete();
  return bytes;
}
