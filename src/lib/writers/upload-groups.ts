/** How blocks travel: the groups of one bulk request (A-10 §2). */
import type { Cid } from '#lib/codec/index.ts';
import { BULK_AUTH_MAX_BLOCKS, BULK_UPLOAD_MAX_BYTES, CODEC } from '#lib/codec/index.ts';
import { sign } from '#lib/crypto/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { WrongAcknowledgement } from './errors.ts';

/** A block whose CID was computed from its bytes. The bytes are not copied. */
export interface NamedBlock {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

export interface BlockToSend extends NamedBlock {
  /** Whose authorisation it goes with. */
  readonly signer: Signer;
  /** Nobody reads the bytes after they are stored: their memory is released then. */
  readonly isSpentWhenStored?: boolean;
}

/** Blocks of one writer and one format that fit one request. Never empty. */
export type UploadGroup = readonly BlockToSend[];

/** Divides blocks into requests, keeping their order within one writer and format. */
export function groupsOf(blocks: Iterable<BlockToSend>): UploadGroup[] {
  const kinds = new Map<string, BlockToSend[][]>();
  for (const block of blocks) {
    const kind = `${block.cid.codec}/${block.signer.hash.toString()}`;
    const groups = kinds.get(kind) ?? [];
    kinds.set(kind, groups);
    const last = groups.at(-1);
    if (last !== undefined && fits(last, block)) last.push(block);
    else groups.push([block]);
  }
  return [...kinds.values()].flat();
}

export function fits(group: UploadGroup, block: BlockToSend): boolean {
  const bytes = group.reduce((sum, each) => sum + each.bytes.length, block.bytes.length);
  return group.length < BULK_AUTH_MAX_BLOCKS && bytes <= BULK_UPLOAD_MAX_BYTES;
}

/** Signs and sends one group; the node must acknowledge exactly these blocks. */
export async function sendGroup(
  node: StorageNode,
  owner: KeyHash,
  tid: string,
  group: UploadGroup,
  signal?: AbortSignal,
): Promise<void> {
  const { signer, cid } = group[0]!;
  const blocks = await Promise.all(
    group.map(async (block) => ({
      bytes: block.bytes,
      authorisation: await sign(signer, block.cid.digest),
    })),
  );
  signal?.throwIfAborted();
  const format = cid.codec === CODEC.raw ? 'raw' : 'dag-cbor';
  const stored = await node.blocks.put(owner, signer.hash, blocks, format, tid, signal);
  const isRight =
    stored.length === group.length && group.every((each, i) => each.cid.equals(stored[i]!));
  if (!isRight) throw new WrongAcknowledgement('The storage took other data than it was sent.');
}
