/**
 * For tests: a registry that signs whatever it is told to, and users with keys. It shares nothing
 * with the one that nodes run but the formats.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { ChampTree, EMPTY_CHAMP_CID } from '#lib/champ/index.ts';
import type { ChampPath } from '#lib/champ/index.ts';
import { Cid, CODEC, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow, ownerProof, sha256Now, Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  claimChainToCbor,
  createClaimLink,
  NEVER_EXPIRES,
  signPointer,
} from '#lib/protocol/index.ts';
import { pointerStateOf, WriterData } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { commitState } from './commit.ts';
import { differencePage } from './difference.ts';
import { mirrorStep } from './mirror.ts';
import type { MirrorDeps } from './mirror.ts';
import { NameRegistry } from './name-registry.ts';
import { readOrMakeKeys, treeState } from './own-state.ts';
import type { OwnRegistryDeps } from './own-state.ts';
import { blockEntry, forkEntry, keyRecordKey, readBlock, readRoot, TABLE } from './records.ts';
import { Staging } from './staging.ts';
import type { RegistrySource } from './source.ts';

const pairs = new Map<string, SigningKeyPair>();

export const NOW_MS = 1_800_000_000_000;
export const HOME = nodeId('home');
export const OTHER_HOME = nodeId('another home');

/** Key pairs by a name: the same for the same name. */
export function keyPair(name: string): SigningKeyPair {
  const pair = pairs.get(name) ?? SigningKeyPair.fromSeed(sha256Now(utf8(name)));
  pairs.set(name, pair);
  return pair;
}

export function nodeId(name: string): Cid {
  const { bytes } = keyPair(name).publicKey;
  return Cid.identity(CODEC.libp2pKey, Uint8Array.of(0x08, 0x01, 0x12, 0x20, ...bytes));
}

export type Chain = readonly UserPublicKeyLink[];

/** A valid chain of one link. */
export async function claim(
  username: string,
  { key = username, expiry = '2027-01-01', home = HOME } = {},
): Promise<Chain> {
  const id = [username, key, expiry, home].join();
  const content = { username, expiry, storageProviders: [home] };
  const link = made.get(id) ?? createClaimLink(keyPair(key), content);
  made.set(id, link);
  return [await link];
}

/** Signatures take their time, and tests ask for the same ones. */
const made = new Map<string, Promise<UserPublicKeyLink>>();

/** The chain with its last identity followed by another one (B-2 §4). */
export async function handedOver(
  chain: Chain,
  from: string,
  to: string,
  { expiry = '2027-02-01' } = {},
): Promise<Chain> {
  const { username } = chain.at(-1)!.claim;
  const never = { username, expiry: NEVER_EXPIRES, storageProviders: [] };
  const last = { username, expiry, storageProviders: [HOME] };
  return [
    ...chain.slice(0, -1),
    await createClaimLink(keyPair(from), never, keyPair(to).hash),
    await createClaimLink(keyPair(to), last),
  ];
}

export class SimulatedRegistry {
  readonly identity = keyPair('the operator');
  readonly pki = keyPair('the key of names');
  readonly #records: RecordStore = createMemoryStores().records;
  #identityPointer: Uint8Array | undefined;
  #pkiPointer: Uint8Array | undefined;
  #root: Cid | undefined;
  #state: Cid | undefined;
  /** Calls of {@link source} for single blocks. */
  asked = 0;

  get identityHash(): KeyHash {
    return this.identity.hash;
  }

  get root(): Cid {
    return this.#root!;
  }

  /** Signs a state in which these names have these chains, beside all that were there. */
  async set(chains: Readonly<Record<string, Chain>>): Promise<void> {
    await this.publish(await this.treeWith(this.#root, chains));
  }

  /** A tree with these chains put into another; no chain is wrong enough. */
  async treeWith(root: Cid | undefined, chains: Readonly<Record<string, Chain>>): Promise<Cid> {
    const tree = this.#tree(root);
    for (const [name, chain] of Object.entries(chains)) {
      const key = utf8(name);
      await tree.put(key, await tree.get(key), this.save(encodeCbor(claimChainToCbor(chain))));
    }
    return this.#flushed(tree);
  }

  async treeWithout(root: Cid, ...names: readonly string[]): Promise<Cid> {
    const tree = this.#tree(root);
    await tree.removeMany(names.map(utf8));
    return this.#flushed(tree);
  }

  /** Signs a tree as the next state, or as the one of any sequence number. */
  async publish(root: Cid, sequence?: number): Promise<void> {
    if (this.#identityPointer === undefined) await this.#publishIdentity();
    this.#root = root;
    const { hash: controller } = this.pki;
    const data = new WriterData({ controller, owned: EMPTY_CHAMP_CID, tree: root });
    const original = this.#state;
    this.#state = this.save(encodeCbor(data.toCbor()));
    this.#sequence = sequence ?? this.#sequence + 1;
    this.#pkiPointer = await signPointer(Signer.of(this.pki), {
      original: original?.equals(this.#state) === true ? undefined : original,
      updated: this.#state,
      sequence: this.#sequence,
    });
  }
  #sequence = 0;

  /** What the registry shows now, to be shown again later. */
  freeze(): { pki: Uint8Array; root: Cid } {
    return { pki: this.#pkiPointer!, root: this.#root! };
  }

  thaw({ pki, root }: { pki: Uint8Array; root: Cid }): void {
    this.#pkiPointer = pki;
    this.#root = root;
  }

  save = (bytes: Uint8Array): Cid => {
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    // The store of records in memory writes at once.
    void this.#records.apply({ writes: [blockEntry(cid, bytes)] });
    return cid;
  };

  /** By single blocks alone. */
  source(): RegistrySource {
    return {
      pointer: async (_owner, writer) =>
        writer.equals(this.identity.hash) ? this.#identityPointer : this.#pkiPointer,
      block: async (_owner, cid) => {
        this.asked++;
        return this.load(cid).catch(() => undefined);
      },
    };
  }

  /** In pages of so many bytes. */
  paged(maxBytes?: number): RegistrySource {
    const difference = (from: Cid | undefined, to: Cid, start: ChampPath) =>
      differencePage(this.#records, {
        from,
        to,
        start,
        ...(maxBytes === undefined ? {} : { maxBytes }),
      });
    return { ...this.source(), difference };
  }

  load = async (cid: Cid): Promise<Uint8Array> => {
    const bytes = await this.#records.get(
      'registryBlocks',
      Buffer.from(cid.digest).toString('hex'),
    );
    if (bytes === undefined) throw new Error('there is no such block');
    return bytes;
  };

  async #publishIdentity(): Promise<void> {
    const named = new Map([['pki', await ownerProof(this.pki, this.identity.hash)]]);
    const controller = this.identity.hash;
    const data = new WriterData({ controller, owned: EMPTY_CHAMP_CID, named });
    this.#identityPointer = await signPointer(Signer.of(this.identity), {
      original: undefined,
      updated: this.save(encodeCbor(data.toCbor())),
      sequence: 1,
    });
  }

  #tree(root: Cid | undefined): ChampTree {
    return new ChampTree(this.load, root, { keyHash: 'blake2b-512' });
  }

  #flushed(tree: ChampTree): Cid {
    return tree.flush(this.save);
  }
}

/**
 * Puts chains behind names into an own registry, as one state and without looking at them: many are
 * registered in no time. The registry was opened before.
 */
export async function fillRegistry(
  deps: OwnRegistryDeps,
  chains: AsyncIterable<readonly [username: string, chain: Chain]>,
): Promise<void> {
  const { records } = deps;
  const before = await readRoot(records);
  const staging = new Staging(records);
  const load = async (cid: Cid) => (await readBlock(records, cid))!;
  const tree = new ChampTree(load, before.value!.root, { keyHash: 'blake2b-512' });
  for await (const [username, chain] of chains) {
    const bytes = encodeCbor(claimChainToCbor(chain));
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    await staging.add(blockEntry(cid, bytes), {
      table: TABLE.keys,
      key: keyRecordKey(chain.at(-1)!.owner),
      value: utf8(username),
    });
    await tree.put(utf8(username), undefined, cid);
  }
  const nodes: RecordEntry[] = [];
  const root = tree.flush((bytes) => {
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    nodes.push(blockEntry(cid, bytes));
    return cid;
  });
  for (const node of nodes) await staging.add(node);
  await staging.flush();
  const { pki } = await readOrMakeKeys(deps);
  const { target, sequence } = pointerStateOf(before.value!.pkiPointer);
  const state = encodeCbor(treeState(pki.hash, root));
  const updated = hashBlockNow(state, CODEC.dagCbor);
  const pkiSequence = Number(sequence) + 1;
  const update = { original: target, updated, sequence: pkiSequence };
  const pkiPointer = await signPointer(Signer.of(pki), update);
  const number = before.value!.number + 1;
  const record = { ...before.value!, root, pkiPointer, pkiSequence, number };
  const writes = [blockEntry(updated, state)];
  await commitState(records, before, { record, added: [], gone: [], writes });
}

/** A mirror with stores of its own. */
export function createMirror(
  registry: SimulatedRegistry,
  { records = createMemoryStores().records, source = registry.source() }: Partial<MirrorDeps> = {},
) {
  const deps: MirrorDeps = {
    refused: {},
    batchRecords: 512,
    records,
    clock: () => NOW_MS,
    identity: registry.identityHash,
    source,
  };
  const names = new NameRegistry({ records, clock: () => NOW_MS, identity: registry.identityHash });
  return { records, names, step: (more = source) => mirrorStep({ ...deps, source: more }) };
}

/** All names of a mirror with the owners of their chains, as text. */
export async function told(names: NameRegistry): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const name of names.names()) {
    all[name] = (await names.publicKey(name))?.toString() ?? '';
  }
  return all;
}

/** A node that is the registry lies once: a proof of it is put beside its records. */
export async function lieOnce(deps: Pick<OwnRegistryDeps, 'records' | 'random'>): Promise<void> {
  const { pki } = await readOrMakeKeys(deps);
  const { value } = await readRoot(deps.records);
  const { pkiSequence: sequence, pkiPointer: kept } = value!;
  const updated = hashBlockNow(utf8('another state'), CODEC.dagCbor);
  const shown = await signPointer(Signer.of(pki), { original: undefined, updated, sequence });
  const fork = { writer: pki.hash, sequence, kept, shown };
  await deps.records.apply({ writes: [forkEntry(fork)] });
}
