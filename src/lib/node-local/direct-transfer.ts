/**
 * Blocks that clients exchange with the object store itself (B-6 §7). The node checks each request
 * as if the bytes came through it, and hands out a signed request for exactly those bytes: the store
 * compares their hash. What it is told about such a block, size and BATs, is noted beforehand.
 */
import { BLOCK_MAX_BYTES, BULK_AUTH_MAX_BLOCKS, Cid, CODEC } from '#lib/codec/index.ts';
import { asBytes, asList, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { batIdsOfBlock, toBatId } from '#lib/crypto/index.ts';
import type { BatId, BatWithId, KeyHash, PublicSigningKey } from '#lib/crypto/index.ts';
import type { AnnouncedBlock, BlockStoreProperties, DirectRequest } from '#lib/node/index.ts';
import {
  BlockTooBig,
  checkBats,
  MalformedRequest,
  NotOffered,
  openSigned,
  parseRequest,
  Unauthorised,
  WrongSignature,
} from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { publicKeyOf } from './public-keys.ts';
import { Registry } from './writer-registry.ts';
import { announceBlocks } from './usage.ts';
import { blockKey, read, TABLE } from './records.ts';

const NO_DIRECT_TRANSFER: BlockStoreProperties = {
  directWrites: false,
  publicReads: false,
  authorisedReads: false,
};

const DIGEST_BYTES = 32;

export function blockStoreProperties({ directTransfer }: LocalNodeDeps): BlockStoreProperties {
  return directTransfer?.properties ?? NO_DIRECT_TRANSFER;
}

export interface DirectWrite {
  readonly owner: KeyHash;
  readonly writer: KeyHash;
  readonly blocks: readonly AnnouncedBlock[];
  readonly tid: string;
}

/** A request to the object store for each announced raw block, in order. */
export async function authoriseWrites(
  deps: LocalNodeDeps,
  { owner, writer, blocks, tid }: DirectWrite,
): Promise<DirectRequest[]> {
  const transfer = deps.directTransfer;
  if (transfer?.properties.directWrites !== true) throw notOffered();
  requireFew(blocks);
  await new Registry(deps.records).requireKnown(owner, writer);
  const key = await publicKeyOf(deps, owner, writer);
  const announced: Announced[] = [];
  for (const block of blocks) announced.push(await openAnnouncement(key, block));
  const sizeBytes = announced.reduce((sum, block) => sum + block.sizeBytes, 0);
  const authors = [{ writer, sizeBytes, isOfState: () => false }];
  await announceBlocks(deps, { owner, tid, authors, graceBytes: 0, blocks: announced });
  await deps.records.apply({
    writes: announced.map(({ cid, batIds }) => ({
      table: TABLE.directBlocks,
      key: blockKey(owner, cid),
      value: encodeCbor(batIds.map((id) => id.bytes)),
    })),
  });
  return Promise.all(
    announced.map(({ cid, sizeBytes }) =>
      transfer.presignWrite(blockKey(owner, cid), cid, sizeBytes),
    ),
  );
}

/** A request to the object store for each raw block in order, if all may be read. */
export async function authoriseReads(
  deps: LocalNodeDeps,
  owner: KeyHash,
  blocks: readonly { readonly cid: Cid; readonly bat?: BatWithId }[],
): Promise<DirectRequest[]> {
  const transfer = deps.directTransfer;
  if (transfer?.properties.authorisedReads !== true) throw notOffered();
  requireFew(blocks);
  await Promise.all(
    blocks.map(async ({ cid, bat }) => {
      if (!cid.isRaw) throw new MalformedRequest('Only raw blocks are read directly.');
      checkBats(await batIdsOf(deps, owner, cid), bat);
    }),
  );
  return Promise.all(blocks.map(({ cid }) => transfer.presignRead(blockKey(owner, cid))));
}

interface Announced {
  readonly cid: Cid;
  readonly sizeBytes: number;
  readonly batIds: readonly BatId[];
}

async function openAnnouncement(
  key: PublicSigningKey,
  { authorisation, sizeBytes, batIds }: AnnouncedBlock,
): Promise<Announced> {
  if (sizeBytes > BLOCK_MAX_BYTES) throw new BlockTooBig(`A block has ${sizeBytes} bytes.`);
  if (!Number.isInteger(sizeBytes) || sizeBytes < 1) {
    throw new MalformedRequest('A block is empty.');
  }
  const digest = await openSigned(key, authorisation, 'A block');
  if (digest.length !== DIGEST_BYTES) throw new WrongSignature('A block is signed otherwise.');
  const ids = parseRequest('A block', () => batIds.map((id) => toBatId(id.bytes)));
  return { cid: Cid.sha256(CODEC.raw, digest), sizeBytes, batIds: ids };
}

/** As announced; of a block that came through the node, as it lists them. */
async function batIdsOf(deps: LocalNodeDeps, owner: KeyHash, cid: Cid): Promise<BatId[]> {
  const key = blockKey(owner, cid);
  const noted = await read(deps.records, TABLE.directBlocks, key, (bytes) =>
    asList(decodeBlock(bytes), 'The BATs').map((id) => toBatId(asBytes(id, 'A BAT'))),
  );
  if (noted.value !== undefined) return noted.value;
  const bytes = await deps.blocks.get(key);
  if (bytes === undefined) throw new Unauthorised('A block is not stored here.');
  return batIdsOfBlock(bytes, cid.codec);
}

function requireFew(blocks: readonly unknown[]): void {
  if (blocks.length > BULK_AUTH_MAX_BLOCKS) {
    throw new MalformedRequest(`A request asks for ${blocks.length} blocks at once.`);
  }
}

function notOffered(): NotOffered {
  return new NotOffered('This server has no object store that clients may use.');
}
