/**
 * FollowRequest and BlindFollowRequest (C-1 §1.2). A request is boxed for its target under a key
 * used once, so that neither the node nor anybody else learns who sent it.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  asBytes,
  asMap,
  cborMap,
  decodeBlock,
  decodeCbor,
  encodeCbor,
  field,
  optional,
  type CborMap,
  type CborValue,
} from '#lib/codec/index.ts';
import {
  BoxingKeyPair,
  boxPadded,
  HYBRID,
  PublicBoxingKey,
  SymmetricKey,
  unbox,
} from '#lib/crypto/index.ts';
import {
  entryPointFromCbor,
  entryPointToCbor,
  NULL_CAPABILITY,
  type EntryPoint,
} from '#lib/cryptree/index.ts';
import { readingRecord } from '../records.ts';

/** Messages are padded to a multiple of this, so that their length says nothing. */
const PAD_TO_BYTES = 512;
/** What a node takes (C-1 §1.3). */
const BLIND_MAX_BYTES = 4096;

/** A first request, or the answer to one; the table of C-1 §1.2 says what it means. */
export interface FollowRequest {
  /** The sender's folder for the target; its capability is the null capability to refuse. */
  readonly entry: EntryPoint;
  /** Read key of the folder the target shall make, or of the one the sender was given. */
  readonly key: SymmetricKey | undefined;
}

export function followRequestToCbor({ entry, key }: FollowRequest): CborMap {
  return cborMap([
    ['e', entryPointToCbor(entry)],
    ['k', key?.toCbor()],
  ]);
}

/** @throws MalformedSocialRecord */
export function followRequestFromCbor(value: CborValue): FollowRequest {
  return readingRecord('A follow request', () => {
    const map = asMap(value, 'A follow request');
    const key = optional(map, 'k');
    return {
      entry: entryPointFromCbor(field(map, 'e', 'A follow request')),
      key: key === undefined ? undefined : SymmetricKey.fromCbor(key),
    };
  });
}

/** An entry point that gives nothing. */
export function noEntry(username: string): EntryPoint {
  return { capability: NULL_CAPABILITY, username };
}

/** Whether a request gives access to a folder. */
export function givesAccess({ entry }: FollowRequest): boolean {
  return !entry.capability.owner.equals(NULL_CAPABILITY.owner);
}

/** The bytes to send: `cbor(BlindFollowRequest)`. */
export function sealFollowRequest(
  request: FollowRequest,
  target: PublicBoxingKey,
  random: Random,
): Uint8Array {
  const once =
    target.type === HYBRID
      ? BoxingKeyPair.random(random)
      : BoxingKeyPair.fromCurveSecret(random(32));
  const message = encodeCbor(followRequestToCbor(request));
  const cipher = boxPadded(message, PAD_TO_BYTES, target, once.secretKey, random);
  const blind = encodeCbor(
    cborMap([
      ['k', once.publicKey.toCbor()],
      ['f', cipher],
    ]),
  );
  if (blind.length > BLIND_MAX_BYTES) throw new Error('a follow request is larger than allowed');
  return blind;
}

/** @throws MalformedSocialRecord, and what keeps it from being opened */
export function openFollowRequest(bytes: Uint8Array, mine: BoxingKeyPair): FollowRequest {
  return readingRecord('A follow request', () => {
    const map = asMap(decodeBlock(bytes), 'A follow request');
    const sender = PublicBoxingKey.fromCbor(field(map, 'k', 'A follow request'));
    const cipher = asBytes(field(map, 'f', 'A follow request'), 'A follow request');
    const padded = unbox(cipher, mine.secretKey, sender);
    return followRequestFromCbor(decodeCbor(padded));
  });
}
