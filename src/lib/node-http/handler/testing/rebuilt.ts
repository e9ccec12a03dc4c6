/**
 * Bodies that are recorded by their hash alone, made again: uploads of a block of zeros, and those of
 * a known file, whose keys, nonces and access tokens are in `six.json` (A-3 §2.2).
 */
import { readFileSync } from 'node:fs';
import type { LongBody } from '../../../../../tests/vectors/captures.ts';
import { pattern } from '../../../../../tests/vectors/pattern.ts';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { cborMap, CHUNK_BYTES, Cid, encodeCbor, FRAGMENT_MAX_BYTES } from '#lib/codec/index.ts';
import { Bat, rawBlockPrefix, seal, sha256Now, SymmetricKey, toBatId } from '#lib/crypto/index.ts';

interface SealedFile {
  readonly dataKey: string;
  readonly mirrorBatId: string;
  readonly chunks: readonly { readonly nonce: string; readonly bats: readonly string[] }[];
}

const FILE_SEED = 9006;
const FILE_BYTES = 6 * 1024 * 1024;
const PAD_BYTES = 4096;
/** The part of a padding that goes into the node. */
const EXCESS_BYTES = 6;
const HEADER_BYTES = 22;

let blocks: ReadonlyMap<string, Uint8Array> | undefined;
const known = new Map<string, Uint8Array | undefined>();

/** The body of an upload; `undefined` if it cannot be made again. */
export function rebuilt(body: LongBody): Uint8Array | undefined {
  if (!known.has(body.sha256)) known.set(body.sha256, rebuild(body));
  return known.get(body.sha256);
}

function rebuild(body: LongBody): Uint8Array | undefined {
  const parts = (body.blocks ?? []).map(({ length, sha256 }) => {
    blocks ??= fragmentsOfFile();
    return blocks.get(sha256) ?? new Uint8Array(length);
  });
  const bytes = encodeCbor(
    cborMap([
      ['b', parts],
      ['s', (body.signatures ?? []).map(fromHex)],
    ]),
  );
  return toHex(sha256Now(bytes)) === body.sha256 ? bytes : undefined;
}

/** By the hash of the block. */
function fragmentsOfFile(): ReadonlyMap<string, Uint8Array> {
  const url = new URL('../../../../../tests/vectors/http/six.json', import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as SealedFile;
  const key = new SymmetricKey(fromHex(file.dataKey));
  const mirrorBatId = toBatId(Cid.parse(file.mirrorBatId).bytes);
  const content = pattern(FILE_SEED, FILE_BYTES);
  const made = file.chunks.flatMap(({ nonce, bats }, i) => {
    const chunk = content.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    const sealed = seal(key, fromHex(nonce), padded(encodeCbor(chunk))).subarray(HEADER_BYTES);
    return bats.map((secret, j) => {
      const prefix = rawBlockPrefix([new Bat(fromHex(secret)).inlineId(), mirrorBatId]);
      const start = j * FRAGMENT_MAX_BYTES;
      return concat(prefix, sealed.subarray(start, start + FRAGMENT_MAX_BYTES));
    });
  });
  return new Map(made.map((block) => [toHex(sha256Now(block)), block]));
}

function padded(encoded: Uint8Array): Uint8Array {
  const blocks = Math.ceil((encoded.length - EXCESS_BYTES) / PAD_BYTES);
  const bytes = new Uint8Array(blocks * PAD_BYTES + EXCESS_BYTES);
  bytes.set(encoded);
  return bytes;
}
