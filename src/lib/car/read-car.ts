/**
 * Reading CAR files of version 1: a header with root CIDs, then blocks, each behind its length and
 * its CID. The file is read as a stream and may be of any size; one block is held at a time.
 *
 * Hostile input: every length has a limit, and what comes out is of the type that nobody takes for
 * verified. A block may come twice here; the caller has to notice.
 */
import { decodeVarint, MalformedBytes, PyrgosError } from '#lib/bytes/index.ts';
import {
  asInteger,
  asLink,
  asList,
  asMap,
  BLOCK_MAX_BYTES,
  Cid,
  decodeBlock,
  field,
} from '#lib/codec/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { ByteReader } from './byte-reader.ts';
import { MalformedArchive, TruncatedArchive } from './errors.ts';

/** Room for more roots than an account has writers. */
const HEADER_MAX_BYTES = 4 * 1024 * 1024;
/** Version, codec, hash type and length, each of few bytes, and the longest digest. */
const CID_MAX_BYTES = 96;
const CID_V0_BYTES = 34;

/** A block as the file has it: whether it belongs to its CID is yet to be seen. */
export interface CarBlock {
  readonly cid: Cid;
  readonly bytes: UnverifiedBlock;
  /** Where the bytes begin in the file. */
  readonly offset: number;
}

export interface CarFile {
  readonly roots: readonly Cid[];
  /** Can be read once. Throws {@link MalformedArchive} or a related error at the first fault. */
  readonly blocks: AsyncGenerator<CarBlock, void, void>;
}

/** Reads the header; the blocks follow as they are asked for. Throws {@link MalformedArchive}. */
export async function readCar(
  pieces: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<CarFile> {
  const reader = new ByteReader(pieces);
  try {
    signal?.throwIfAborted();
    const length = await reader.takeLength(HEADER_MAX_BYTES, 'The header of the block file');
    if (length === undefined) throw new TruncatedArchive();
    const roots = rootsOf(await reader.take(length));
    return { roots, blocks: readBlocks(reader, signal) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function* readBlocks(
  reader: ByteReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<CarBlock, void, void> {
  try {
    for (;;) {
      signal?.throwIfAborted();
      const length = await reader.takeLength(CID_MAX_BYTES + BLOCK_MAX_BYTES, 'A block');
      if (length === undefined) return;
      const start = reader.takenBytes;
      yield splitSection(await reader.take(length), start);
    }
  } finally {
    await reader.close();
  }
}

function rootsOf(header: Uint8Array): Cid[] {
  try {
    const what = 'The header of the block file';
    const map = asMap(decodeBlock(header), what);
    const version = asInteger(field(map, 'version', what), 'Its version');
    if (version !== 1) throw new MalformedArchive(`The block file has version ${version}, not 1.`);
    return asList(field(map, 'roots', what), 'Its roots').map((root) => asLink(root, 'A root'));
  } catch (error) {
    if (error instanceof MalformedArchive || !(error instanceof PyrgosError)) throw error;
    throw new MalformedArchive(`This is no block file: ${error.message}`, { cause: error });
  }
}

function splitSection(section: Uint8Array, start: number): CarBlock {
  try {
    const cidBytes = cidLength(section);
    const cid = Cid.fromBytes(section.subarray(0, cidBytes));
    const bytes = section.subarray(cidBytes) as UnverifiedBlock;
    return { cid, bytes, offset: start + cidBytes };
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new MalformedArchive('A block in the file has no proper CID.', { cause: error });
  }
}

/** A CID does not say how long it is; its parts do. */
function cidLength(section: Uint8Array): number {
  if (section[0] === 0x12 && section[1] === 0x20) return CID_V0_BYTES;
  let offset = 0;
  let last: number | bigint = 0;
  for (let part = 0; part < 4; part++) {
    const { value, next } = decodeVarint(section, offset);
    offset = next;
    last = value;
  }
  const end = offset + Number(last);
  if (end > Math.min(section.length, CID_MAX_BYTES)) throw new MalformedBytes('A CID is too long.');
  return end;
}
