/**
 * What a node says of its own id (B-2 §7): that another id took its place. It signs the data of its
 * IPNS record, a CBOR map whose `_peergos_rr` is `{"h"?: successor, bare multihash; "m"?: moved; "s":
 * sequence}`; in older records the same stands as CBOR bytes in `Value`. Hostile until verified.
 */
import { concat, utf8 } from '#lib/bytes/index.ts';
import { asBoolean, asBytes, asMap, Cid, CODEC, decodeCbor, optional } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import { PublicSigningKey } from '#lib/crypto/index.ts';
import { checkDetached } from './authorisation.ts';

const SIGNED_PREFIX = utf8('ipns-signature:');
const RECORD = '_peergos_rr';
const RECORD_OF_OLD = 'Value';
/** libp2p's protobuf of an Ed25519 public key, before its 32 bytes. */
const KEY_OFFSET = 4;
const KEY_BYTES = 32;
const V1_LIBP2P_KEY = Uint8Array.of(1, CODEC.libp2pKey);

/** Nodes whose keys are of a kind that is not verified here, and who took their place. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  [
    'QmPqn9a1tJLpMtaCz1DSQNMAfsv6qXEx6XU2eLMTc2DVV4',
    '12D3KooWEnCzE4uSeniFaCGXQuV1UnYkvqvbQJnYC363S2abgknr',
  ],
  [
    'QmcoDbhCiVXGrWs6rwBvB59Gm44veo7Qxn2zmRnPw7BaCH',
    '12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR',
  ],
]);

/** The successor of a node that cannot say so by itself any more; `undefined` for all others. */
export function knownSuccessor(nodeId: Cid): Cid | undefined {
  const successor = KNOWN.get(nodeId.toPeerId());
  return successor === undefined ? undefined : Cid.parse(successor);
}

/**
 * The id that took over from `nodeId`, by what that node signed; `undefined` where the record names
 * none, or is none of an Ed25519 node. Throws `WrongSignature`, `MalformedCbor`, `MalformedCid`.
 */
export async function openSuccession(
  nodeId: Cid,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<Cid | undefined> {
  if (!nodeId.isIdentity || nodeId.digest.length !== KEY_OFFSET + KEY_BYTES) return undefined;
  const key = new PublicSigningKey(nodeId.digest.slice(KEY_OFFSET));
  await checkDetached(key, signature, concat(SIGNED_PREFIX, data), 'The record of a node');
  const record = recordIn(asMap(decodeCbor(data), 'The record of a node'));
  const successor = record && optional(record, 'h');
  const moved = record && optional(record, 'm');
  if (successor === undefined || moved === undefined || !asBoolean(moved, 'A move')) {
    return undefined;
  }
  return Cid.fromBytes(concat(V1_LIBP2P_KEY, asBytes(successor, 'A successor')));
}

function recordIn(map: CborMap): CborMap | undefined {
  const value = optional(map, RECORD) ?? optional(map, RECORD_OF_OLD);
  if (value === undefined) return undefined;
  return asMap(value instanceof Uint8Array ? decodeCbor(value) : value, 'The record of a node');
}
