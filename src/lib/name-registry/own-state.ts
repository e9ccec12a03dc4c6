/** What a registry begins with: its two keys, and the first state of a private network (B-2 §8). */
import { utf8 } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import { ChampTree, EMPTY_CHAMP_BLOCK, EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import {
  asBytes,
  CODEC,
  decodeBlock,
  encodeCbor,
  field,
  asMap,
  cborMap,
} from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { hashBlockNow, ownerProof, Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  claimChainToCbor,
  createClaimLink,
  NEVER_EXPIRES,
  signPointer,
  WriterData,
} from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { commitState } from './commit.ts';
import { RegistryIncomplete } from './errors.ts';
import { blockEntry, keyRecordKey, TABLE } from './records.ts';
import { PKI_LABEL } from './state.ts';

/** The user name of a registry's operator. */
export const OPERATOR_NAME = 'peergos';

export interface OwnRegistryDeps {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: Random;
  /** Id of this node, which the operator's claim names. */
  readonly nodeId: () => Promise<Cid>;
  /** How many states of the past stay whole; a thousand when absent. */
  readonly keptRoots?: number;
}

export interface RegistryKeys {
  readonly identity: SigningKeyPair;
  /** Signs the pointer of the tree of names. */
  readonly pki: SigningKeyPair;
}

/** The first state of a network: the claim to the operator's name, and nothing else (B-2 §8). */
export async function begin(deps: OwnRegistryDeps, { identity, pki }: RegistryKeys): Promise<void> {
  const { records, clock, nodeId } = deps;
  const blocks: { cid: Cid; bytes: Uint8Array }[] = [];
  const save = (bytes: Uint8Array): Cid => {
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    blocks.push({ cid, bytes });
    return cid;
  };
  const claim = await createClaimLink(identity, {
    username: OPERATOR_NAME,
    expiry: NEVER_EXPIRES,
    storageProviders: [await nodeId()],
  });
  const tree = new ChampTree(() => Promise.reject(new RegistryIncomplete()), undefined, {
    keyHash: 'blake2b-512',
  });
  const chain = save(encodeCbor(claimChainToCbor([claim])));
  await tree.put(utf8(OPERATOR_NAME), undefined, chain);
  const root = tree.flush(save);
  save(EMPTY_CHAMP_BLOCK);
  const named = new Map([[PKI_LABEL, await ownerProof(pki, identity.hash)]]);
  const own = new WriterData({ controller: identity.hash, owned: EMPTY_CHAMP_CID, named });
  const first = (pair: SigningKeyPair, updated: Cid) =>
    signPointer(Signer.of(pair), { original: undefined, updated, sequence: 1 });
  const record = {
    number: 1,
    root,
    pkiKey: pki.hash,
    identityPointer: await first(identity, save(encodeCbor(own.toCbor()))),
    pkiPointer: await first(pki, save(encodeCbor(treeState(pki.hash, root)))),
    identitySequence: 1,
    pkiSequence: 1,
    takenMs: clock(),
  };
  const keys = { table: TABLE.keys, key: keyRecordKey(identity.hash), value: utf8(OPERATOR_NAME) };
  const writes = [...blocks.map(({ cid, bytes }) => blockEntry(cid, bytes)), keys];
  const before = { entry: { table: TABLE.registry, key: 'root', value: undefined } };
  // Where another process was faster, its state is the first.
  await commitState(
    records,
    { ...before, value: undefined },
    { record, added: [], gone: [], writes },
  );
}

/** The state of the writer that has the tree of names. */
export function treeState(controller: KeyHash, tree: Cid): CborValue {
  return new WriterData({ controller, owned: EMPTY_CHAMP_CID, tree }).toCbor();
}

const SEED_BYTES = 32;
const KEYS = { table: TABLE.registry, key: 'keys' };

/** The identity of the registry that these records hold; undefined before there is one. */
export async function ownIdentity(records: RecordStore): Promise<KeyHash | undefined> {
  const stored = await records.get(KEYS.table, KEYS.key);
  return stored === undefined ? undefined : keysFrom(stored).identity.hash;
}

/** The same keys at every call, made at the first. */
export async function readOrMakeKeys(
  deps: Pick<OwnRegistryDeps, 'records' | 'random'>,
): Promise<RegistryKeys> {
  const { records, random } = deps;
  const stored = await records.get(KEYS.table, KEYS.key);
  if (stored !== undefined) return keysFrom(stored);
  const made = encodeCbor(
    cborMap([
      ['i', random(SEED_BYTES)],
      ['p', random(SEED_BYTES)],
    ]),
  );
  const isOurs = await records.apply({
    expect: [{ ...KEYS, value: undefined }],
    writes: [{ ...KEYS, value: made }],
  });
  return isOurs ? keysFrom(made) : readOrMakeKeys(deps);
}

function keysFrom(bytes: Uint8Array): RegistryKeys {
  const what = 'The keys of the registry';
  const map = asMap(decodeBlock(bytes), what);
  const pair = (key: string) => SigningKeyPair.fromSeed(asBytes(field(map, key, what), what));
  return { identity: pair('i'), pki: pair('p') };
}
