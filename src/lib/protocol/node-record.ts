/**
 * What a node says of its own id (B-2 §7): the field `_peergos_rr` of its IPNS record, `{"h"?:
 * successor, bare multihash; "m"?: moved; "s": sequence}`; in older records the same stands as CBOR
 * bytes in `Value`. The sequence only grows, a successor is named once and never changed, and a node
 * that has moved does not come back. Hostile until opened.
 */
import { concat, equalBytes, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { asBigint, asBoolean, asBytes, asMap, cborMap, Cid, CODEC } from '#lib/codec/index.ts';
import { decodeCbor, field, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { openIpnsRecord, signIpnsRecord } from './ipns-record.ts';
import type { IpnsRecord, SignedIpnsRecord } from './ipns-record.ts';

const RECORD = '_peergos_rr';
const WHAT = 'The record of a node';
const V1_LIBP2P_KEY = Uint8Array.of(1, CODEC.libp2pKey);
/** What the id stands for to readers that know nothing of nodes: an empty file. */
const EMPTY_FILE = utf8('/ipfs/bafkqaaa');
/** For how long a record counts, and how long readers may keep it. */
export const NODE_RECORD_MS = 365 * 24 * 3_600_000;
/** With less time left it is signed anew. */
export const NODE_RECORD_RENEWED_MS = NODE_RECORD_MS / 2;

/** Nobody gives up an id more often. */
const MAX_SUCCESSIONS = 16;

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

/** A node signed something newer than this record, or something that this record contradicts. */
export class NodeRecordOutdated extends PyrgosError {
  override readonly name: string = 'NodeRecordOutdated';
  override readonly kind = 'refused';
}

/** The successors of a node lead in a circle, or too far. */
export class EndlessSuccession extends PyrgosError {
  override readonly name: string = 'EndlessSuccession';
  override readonly kind = 'refused';
}

export interface NodeRecord {
  readonly sequence: bigint;
  /** Named beforehand, or in charge once the node has moved. */
  readonly successor: Cid | undefined;
  readonly hasMoved: boolean;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
}

/** The successor of a node that cannot say so by itself any more; `undefined` for all others. */
export function knownSuccessor(nodeId: Cid): Cid | undefined {
  const successor = KNOWN.get(nodeId.toPeerId());
  return successor === undefined ? undefined : Cid.parse(successor);
}

/** A record that counts for a year from `nowMs`, signed with the key that the node's id is made of. */
export function signNodeRecord(
  key: SigningKeyPair,
  { sequence, successor, hasMoved }: Omit<NodeRecord, 'expiresMs'>,
  nowMs: number,
): Promise<SignedIpnsRecord> {
  const resolution = cborMap([
    ['h', successor?.multihash],
    ['m', hasMoved ? true : undefined],
    ['s', sequence],
  ]);
  return signIpnsRecord(key, {
    sequence,
    expiresMs: nowMs + NODE_RECORD_MS,
    ttlMs: NODE_RECORD_MS,
    value: EMPTY_FILE,
    extra: [[RECORD, resolution]],
  });
}

/**
 * What the node `nodeId` signed. Throws `WrongSignature`, `IpnsRecordExpired`, `MalformedIpnsRecord`,
 * `MalformedCbor`, `MalformedCid`.
 */
export async function openNodeRecord(
  nodeId: Cid,
  signed: SignedIpnsRecord,
  nowMs: number,
): Promise<NodeRecord> {
  const record = await openIpnsRecord(nodeId, signed, nowMs);
  const resolution = resolutionIn(record);
  const successor = optional(resolution, 'h');
  const moved = optional(resolution, 'm');
  return {
    sequence: asBigint(field(resolution, 's', WHAT), WHAT),
    successor:
      successor === undefined
        ? undefined
        : Cid.fromBytes(concat(V1_LIBP2P_KEY, asBytes(successor, 'A successor'))),
    hasMoved: moved !== undefined && asBoolean(moved, 'A move'),
    expiresMs: record.expiresMs,
  };
}

/** Who took over, by a record; `undefined` while the node has not moved. */
export function successorIn({ successor, hasMoved }: NodeRecord): Cid | undefined {
  return hasMoved ? successor : undefined;
}

/** Throws {@link NodeRecordOutdated} where a record cannot come after one that was seen before. */
export function requireNotOutdated(seen: NodeRecord, record: NodeRecord): void {
  const { successor } = seen;
  const keepsSuccessor =
    successor === undefined ||
    (record.successor !== undefined && equalBytes(successor.multihash, record.successor.multihash));
  const staysMoved = record.hasMoved || !seen.hasMoved;
  if (record.sequence >= seen.sequence && keepsSuccessor && staysMoved) return;
  throw new NodeRecordOutdated('The record of a node is older than one that was seen.');
}

/**
 * The node and those that took over from it, one after the other; the last is in charge. `recordOf`
 * answers opened records; where it knows none, or one that names nobody, the walk ends. Throws
 * {@link EndlessSuccession}, and what `recordOf` throws.
 */
export async function followSuccession(
  nodeId: Cid,
  recordOf: (nodeId: Cid) => Promise<NodeRecord | undefined>,
): Promise<readonly [Cid, ...Cid[]]> {
  const line: [Cid, ...Cid[]] = [nodeId];
  for (let last = nodeId; ;) {
    const record = await recordOf(last);
    const next = record && successorIn(record);
    if (next === undefined) return line;
    const isCircle = line.some((it) => equalBytes(it.multihash, next.multihash));
    if (isCircle || line.length > MAX_SUCCESSIONS) {
      throw new EndlessSuccession('The records of nodes lead from one to the next without an end.');
    }
    line.push((last = next));
  }
}

function resolutionIn({ extra, value }: IpnsRecord): CborMap {
  const found = extra.find(([name]) => name === RECORD);
  const content: CborValue = found === undefined ? decodeCbor(value) : found[1];
  return asMap(content, WHAT);
}
