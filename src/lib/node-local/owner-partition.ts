/**
 * Under which identity the data of an account lie. That is the identity it was registered with; one
 * that followed it, or came before it elsewhere, leads there (B-2 §11). The answer changes only when
 * an account has left the node and comes back, so it is remembered with the stores for a while;
 * "not known" is not.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { read, readWriter, TABLE } from './records.ts';

const MAX_REMEMBERED = 100_000;
const REMEMBERED_MS = 60_000;

interface Remembered {
  readonly partition: KeyHash;
  readonly untilMs: number;
}

const remembered = new WeakMap<RecordStore, Map<string, Remembered>>();

/** The identity whose partition holds the data of `identity`: itself for nearly everybody. */
export async function partitionOf(
  { records, clock }: Pick<LocalNodeDeps, 'records' | 'clock'>,
  identity: KeyHash,
): Promise<KeyHash> {
  const known = rememberedOf(records);
  const key = identity.toString();
  const before = known.get(key);
  const nowMs = clock();
  if (before !== undefined && nowMs < before.untilMs) return before.partition;
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
  known.set(key, { partition, untilMs: nowMs + REMEMBERED_MS });
  return partition;
}

function rememberedOf(records: RecordStore): Map<string, Remembered> {
  let known = remembered.get(records);
  if (known === undefined) remembered.set(records, (known = new Map()));
  return known;
}
