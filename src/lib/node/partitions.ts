/**
 * Under which identity the data of an account lie. That is the identity it was registered with; one
 * that followed it, or came before it elsewhere, leads there (B-2 §11). The answer for an identity
 * never changes once it has been given, so it is remembered; "not known" is not.
 */
import { decodeBlock } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { read, TABLE } from './tables.ts';

/** The identity whose partition holds the data of `identity`: itself for nearly everybody. */
export async function partitionOf(deps: LocalNodeDeps, identity: KeyHash): Promise<KeyHash> {
  const entry = await read(deps.records, TABLE.partitions, identity.toString(), (bytes) =>
    asKeyHash(decodeBlock(bytes), 'The identity of a partition'),
  );
  return entry.value ?? identity;
}
