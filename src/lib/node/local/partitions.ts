/**
 * Under which identity the data of an account lie. That is the identity it was registered with; one
 * that followed it, or came before it elsewhere, leads there (B-2 §11). The answer for an identity
 * never changes once there is one, so it is remembered with the stores; "not known" is not.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { read, readWriter, TABLE } from './tables.ts';

const MAX_REMEMBERED = 100_000;
const remembered = new WeakMap<RecordStore, Map<string, KeyHash>>();

/** The identity whose partition holds the data of `identity`: itself for nearly everybody. */
export async function partitionOf(
  { records }: { readonly records: RecordStore },
  identity: KeyHash,
): Promise<KeyHash> {
  const known = rememberedOf(records);
  const key = identity.toString();
  const before = known.get(key);
  if (before !== undefined) return before;
  const [elsewhere, writer] = await Promise.all([
    read(records, TABLE.partitions, key, (bytes) =>
      asKeyHash(decodeBlock(bytes), 'The identity of a partition'),
    ),
    readWriter(records, identity),
  ]);
  const isRoot = writer.value?.owner.equals(identity) === true && writer.value.parent === undefined;
  if (elsewhere.value === undefined && !isRoot) return identity;
  const partition = elsewhere.value ?? identity;
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, partition);
  return partition;
}

function rememberedOf(records: RecordStore): Map<string, KeyHash> {
  let known = remembered.get(records);
  if (known === undefined) remembered.set(records, (known = new Map()));
  return known;
}
