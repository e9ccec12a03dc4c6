/**
 * What this node signs of its ids, the present and the former ones (B-2 §7), and how it takes a new
 * id. Each record says who took over, counts for a year, and is signed anew when half of it is over,
 * so a node that gave up its id long ago still says so.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { asBytes, asMap, cborMap, decodeBlock, encodeCbor, field } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { peerIdOf, SigningKeyPair } from '#lib/crypto/index.ts';
import { NODE_RECORD_RENEWED_MS, openNodeRecord, signNodeRecord } from '#lib/protocol/index.ts';
import type { NodeRecord, SignedIpnsRecord } from '#lib/protocol/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { formerSeeds, FORMER_KEYS, KEY, nodeKeySeed, SEED_BYTES } from './node-id.ts';
import { replace, TABLE } from './records.ts';

type Deps = Pick<LocalNodeDeps, 'records' | 'random' | 'clock'>;

interface Kept {
  readonly entry: RecordEntry;
  readonly signed: SignedIpnsRecord | undefined;
  readonly record: NodeRecord | undefined;
}

/**
 * The record of one of this node's ids, made or renewed where it is time. `undefined`: the id is no
 * such, or its key is not kept here.
 */
export async function ownNodeRecord(
  deps: LocalNodeDeps,
  nodeId: Cid,
): Promise<SignedIpnsRecord | undefined> {
  if (deps.nodeId !== undefined) return undefined;
  return compareAndSet(deps.records, async () => {
    const keys = [...(await formerSeeds(deps)), await nodeKeySeed(deps)].map((seed) =>
      SigningKeyPair.fromSeed(seed),
    );
    const ids = keys.map((key) => peerIdOf(key.publicKey));
    const at = ids.findIndex(({ multihash }) => equalBytes(multihash, nodeId.multihash));
    const [key, id] = [keys[at], ids[at]];
    if (key === undefined || id === undefined) return { result: undefined };
    const { entry, signed, record } = await keptRecord(deps, id);
    const isFresh = (record?.expiresMs ?? 0) - deps.clock() >= NODE_RECORD_RENEWED_MS;
    if (signed !== undefined && isFresh) return { result: signed };
    const renewed = await signNext(deps, key, record, ids[at + 1]);
    return { change: { expect: [entry], writes: [written(entry, renewed)] }, result: renewed };
  });
}

/**
 * Gives the node a new key, and so a new id; the old key signs who follows. Processes that run have to
 * be started anew. Accounts that name the old id as their home are still at home here.
 */
export async function rotateNodeId(
  deps: Deps,
): Promise<{ readonly former: Cid; readonly nodeId: Cid }> {
  const random = deps.random(SEED_BYTES);
  return compareAndSet(deps.records, async () => {
    const [seed, former] = [await nodeKeySeed(deps), await formerSeeds(deps)];
    const [oldKey, newKey] = [seed, random].map((it) => SigningKeyPair.fromSeed(it)) as [
      SigningKeyPair,
      SigningKeyPair,
    ];
    const [oldId, newId] = [peerIdOf(oldKey.publicKey), peerIdOf(newKey.publicKey)];
    const [last, first] = [await keptRecord(deps, oldId), await keptRecord(deps, newId)];
    const list = { table: TABLE.node, key: FORMER_KEYS };
    const current = { table: TABLE.node, key: KEY, value: seed };
    return {
      change: {
        expect: [
          current,
          { ...list, value: former.length === 0 ? undefined : encodeCbor(former) },
          last.entry,
          first.entry,
        ],
        writes: [
          { ...current, value: random },
          { ...list, value: encodeCbor([...former, seed]) },
          written(last.entry, await signNext(deps, oldKey, last.record, newId)),
          written(first.entry, await signNext(deps, newKey, undefined, undefined)),
        ],
      },
      result: { former: oldId, nodeId: newId },
    };
  });
}

function signNext(
  { clock }: Deps,
  key: SigningKeyPair,
  last: NodeRecord | undefined,
  successor: Cid | undefined,
): Promise<SignedIpnsRecord> {
  const sequence = (last?.sequence ?? 0n) + 1n;
  return signNodeRecord(key, { sequence, successor, hasMoved: successor !== undefined }, clock());
}

async function keptRecord({ records }: Deps, nodeId: Cid): Promise<Kept> {
  const key = nodeId.toPeerId();
  const value = await records.get(TABLE.nodeRecords, key);
  const entry = { table: TABLE.nodeRecords, key, value };
  if (value === undefined) return { entry, signed: undefined, record: undefined };
  const what = 'The record of a node';
  const map = asMap(decodeBlock(value), what);
  const signed = {
    data: asBytes(field(map, 'd', what), what),
    signature: asBytes(field(map, 's', what), what),
  };
  // One that has expired is renewed like any other.
  return { entry, signed, record: await openNodeRecord(nodeId, signed, 0) };
}

function written(entry: RecordEntry, { data, signature }: SignedIpnsRecord): RecordEntry {
  const value = cborMap([
    ['d', data],
    ['s', signature],
  ]);
  return replace(entry, encodeCbor(value));
}
