/**
 * Uploading blocks (B-1 §2.1): in groups by size, few at a time, and every answer compared with
 * what was sent. The CID of a block follows from its authorisation, which ends in its SHA-256.
 */
import {
  BULK_AUTH_MAX_BLOCKS,
  BULK_CBOR_MAX_BLOCKS,
  BULK_UPLOAD_MAX_BYTES,
  cborMap,
  Cid,
  CODEC,
  encodeCborPieces,
} from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { MalformedAnswer, MalformedRequest, PATHS } from '#lib/protocol/index.ts';
import type { BlockFormat, BlockToWrite } from '#lib/protocol/index.ts';
import { readCid, readText } from './parse-response.ts';
import { PriorityQueue } from './priority-queue.ts';
import { BLOCK_ATTEMPTS } from './retry.ts';
import type { Transport } from './transport.ts';

const PARALLEL_GROUPS = 4;
const AUTHORISATION_BYTES = 96;
const SIGNATURE_BYTES = 64;
/** `{"Hash":"…"}` with the longest CID there is for a block. */
const HASH_MAX_BYTES = 200;
const HASH = /\s*\{\s*"Hash"\s*:\s*"([A-Za-z0-9]{1,120})"\s*\}\s*/uy;

export interface PutRequest {
  readonly owner: KeyHash;
  readonly writer: KeyHash;
  readonly format: BlockFormat;
  readonly tid: string;
  readonly signal?: AbortSignal | undefined;
}

export class BulkPuts {
  readonly #transport: Transport;
  readonly #groups = new PriorityQueue(PARALLEL_GROUPS);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Stores all blocks; answers their CIDs in order. */
  async put(request: PutRequest, blocks: readonly BlockToWrite[]): Promise<Cid[]> {
    const stop = new AbortController();
    const { signal } = request;
    const inner = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const send = async (group: readonly BlockToWrite[]): Promise<Cid[]> => {
      try {
        return await this.#groups.run('bulk', () => this.#send(request, group, inner), inner);
      } catch (error) {
        // What would follow is of no use: the caller has to begin again.
        stop.abort(error);
        throw error;
      }
    };
    const sent = await Promise.allSettled(groupsOf(blocks, request.format).map(send));
    signal?.throwIfAborted();
    return sent.flatMap((result) => {
      if (result.status === 'fulfilled') return result.value;
      throw (stop.signal.reason ?? result.reason) as Error;
    });
  }

  async #send(
    { owner, writer, format, tid }: PutRequest,
    blocks: readonly BlockToWrite[],
    signal: AbortSignal,
  ): Promise<Cid[]> {
    const expected = blocks.map((block) => cidOf(block, format));
    const { bytes } = await this.#transport.call({
      path: PATHS.blockPutBulk,
      query: [
        ['format', format],
        ['owner', owner.toString()],
        ['transaction', tid],
        ['writer', writer.toString()],
      ],
      body: encodeCborPieces(
        cborMap([
          ['b', blocks.map((block) => block.bytes)],
          ['s', blocks.map((block) => block.authorisation)],
        ]),
      ),
      priority: 'bulk',
      attempts: BLOCK_ATTEMPTS,
      maxBytes: blocks.length * HASH_MAX_BYTES,
      signal,
    });
    const stored = hashesIn(bytes);
    const isRight =
      stored.length === expected.length && expected.every((cid, i) => cid.equals(stored[i]!));
    if (!isRight) throw new MalformedAnswer('The server stored other data than it was sent.');
    return stored;
  }
}

/** The CID a block must get, by the hash its writer signed. */
export function cidOf({ authorisation }: BlockToWrite, format: BlockFormat): Cid {
  if (authorisation.length !== AUTHORISATION_BYTES) {
    throw new MalformedRequest('A block is not signed.');
  }
  const codec = format === 'raw' ? CODEC.raw : CODEC.dagCbor;
  return Cid.sha256(codec, authorisation.subarray(SIGNATURE_BYTES));
}

function groupsOf(blocks: readonly BlockToWrite[], format: BlockFormat): BlockToWrite[][] {
  const maxBlocks = format === 'raw' ? BULK_AUTH_MAX_BLOCKS : BULK_CBOR_MAX_BLOCKS;
  const groups: BlockToWrite[][] = [];
  let sizeBytes = 0;
  for (const block of blocks) {
    const last = groups.at(-1);
    sizeBytes += block.bytes.length;
    if (last !== undefined && last.length < maxBlocks && sizeBytes <= BULK_UPLOAD_MAX_BYTES) {
      last.push(block);
    } else {
      groups.push([block]);
      sizeBytes = block.bytes.length;
    }
  }
  return groups;
}

/** JSON objects one after the other, without anything between them. */
function hashesIn(bytes: Uint8Array): Cid[] {
  const what = 'The answer to an upload';
  const text = readText(what, bytes);
  const cids: Cid[] = [];
  HASH.lastIndex = 0;
  while (HASH.lastIndex < text.length) {
    const match = HASH.exec(text);
    if (match === null) throw new MalformedAnswer(`${what} cannot be read.`);
    cids.push(readCid('The CID of a block', match[1]));
  }
  return cids;
}
