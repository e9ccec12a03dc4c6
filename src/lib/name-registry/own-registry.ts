/**
 * Being the registry of a private network (B-2 §1, §4, §8): this node holds the operator's identity
 * and the key of the tree of names, and is the one that changes the tree. Updates that wait together
 * become one state; several processes on the same records follow one another by compare-and-set.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { ChampTree } from '#lib/champ/index.ts';
import { CODEC, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { hashBlockNow, Signer } from '#lib/crypto/index.ts';
import type { KeyHash, SigningKeyPair } from '#lib/crypto/index.ts';
import { claimChainToCbor, pointerStateOf, signPointer } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import { StoreContended } from '#lib/stores/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { commitState } from './commit.ts';
import { RegistryIncomplete } from './errors.ts';
import { chainOf } from './judge.ts';
import { chainBytesOf, chainCidOf } from './look-up.ts';
import { begin, readOrMakeKeys, treeState } from './own-state.ts';
import type { OwnRegistryDeps } from './own-state.ts';
import { blockEntry, keyRecordKey, readBlock, readRoot, TABLE } from './records.ts';
import type { ReadRoot, RootRecord } from './records.ts';

const MAX_ATTEMPTS = 100;
/** More names than this in one state would make others wait for long. */
const MOST_AT_ONCE = 64;

/** What the chain of a name is to become, judged against the chain as it is then. Throws to refuse. */
export type Decide = (
  existing: readonly UserPublicKeyLink[],
) => Promise<readonly UserPublicKeyLink[]>;

interface Waiting {
  readonly username: string;
  readonly decide: Decide;
  readonly done: () => void;
  readonly refused: (reason: unknown) => void;
}

export class OwnRegistry {
  readonly #deps: OwnRegistryDeps;
  readonly #waiting: Waiting[] = [];
  #isWorking = false;

  constructor(deps: OwnRegistryDeps) {
    this.#deps = deps;
  }

  /** Makes keys and the first state, if there are none yet; answers the identity, for others to pin. */
  async open(): Promise<KeyHash> {
    const { identity, pki } = await readOrMakeKeys(this.#deps);
    const { value } = await readRoot(this.#deps.records);
    if (value === undefined) await begin(this.#deps, { identity, pki });
    return identity.hash;
  }

  /**
   * Makes the chain of a name what `decide` says, in a state of its own or with others'. Resolves
   * when that state counts. `decide` may be called again when the state changed meanwhile.
   */
  update(username: string, decide: Decide): Promise<void> {
    return new Promise((done, refused) => {
      this.#waiting.push({ username, decide, done, refused });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const some = takeSome(this.#waiting);
      try {
        await this.#commit(some);
      } catch (error) {
        for (const { refused } of some) refused(error);
      }
    }
    this.#isWorking = false;
  }

  async #commit(some: readonly Waiting[]): Promise<void> {
    const { records } = this.#deps;
    const { pki } = await readOrMakeKeys(this.#deps);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await readRoot(records);
      if (before.value === undefined) throw new RegistryIncomplete();
      const next = new NextTree(records, before.value);
      const settled = await Promise.all(some.map((one) => next.judge(one)));
      await next.putAll(settled.flatMap(({ chain }) => chain ?? []));
      if (next.isChanged && !(await next.commit(this.#deps, before, pki))) continue;
      for (const { settle } of settled) settle();
      return;
    }
    throw new StoreContended('The registry is too busy. Please try again.');
  }
}

/** The first of those that wait, one of each name. */
function takeSome(waiting: Waiting[]): Waiting[] {
  const names = new Set<string>();
  const some: Waiting[] = [];
  for (const one of [...waiting]) {
    if (some.length === MOST_AT_ONCE) break;
    if (names.has(one.username)) continue;
    names.add(one.username);
    some.push(one);
    waiting.splice(waiting.indexOf(one), 1);
  }
  return some;
}

interface NamedChain {
  readonly username: string;
  readonly chain: readonly UserPublicKeyLink[];
}

interface Settled {
  /** Absent: it was refused, or changes nothing. */
  readonly chain?: NamedChain;
  readonly settle: () => void;
}

/** The tree of names on its way from one state to the next. */
class NextTree {
  readonly #records: RecordStore;
  readonly #before: RootRecord;
  readonly #blocks = new Map<string, { cid: Cid; bytes: Uint8Array }>();
  readonly #gone: Cid[] = [];
  readonly #keys: RecordEntry[] = [];
  #root: Cid;

  constructor(records: RecordStore, before: RootRecord) {
    this.#records = records;
    this.#before = before;
    this.#root = before.root;
  }

  get isChanged(): boolean {
    return !this.#root.equals(this.#before.root);
  }

  async judge({ username, decide, done, refused }: Waiting): Promise<Settled> {
    try {
      const bytes = await chainBytesOf(this.#records, this.#before.root, username);
      const chain = await decide(bytes === undefined ? [] : chainOf(bytes));
      return { chain: { username, chain }, settle: done };
    } catch (error) {
      return { settle: () => refused(error) };
    }
  }

  async putAll(chains: readonly NamedChain[]): Promise<void> {
    const load = async (cid: Cid): Promise<Uint8Array> => {
      this.#gone.push(cid);
      const bytes = await readBlock(this.#records, cid);
      if (bytes === undefined) throw new RegistryIncomplete();
      return bytes;
    };
    const tree = new ChampTree(load, this.#before.root, { keyHash: 'blake2b-512' });
    for (const { username, chain } of chains) {
      const before = await chainCidOf(this.#records, this.#before.root, username);
      const after = this.#save(encodeCbor(claimChainToCbor(chain)));
      if (before?.equals(after) === true) continue;
      if (before !== undefined) this.#gone.push(before);
      await tree.put(utf8(username), before, after);
      for (const { owner } of chain) {
        this.#keys.push({ table: TABLE.keys, key: keyRecordKey(owner), value: utf8(username) });
      }
    }
    this.#root = tree.flush((block) => this.#save(block));
  }

  /** False: another state counts by now. */
  async commit(
    { records, clock, keptRoots }: OwnRegistryDeps,
    before: ReadRoot,
    pki: SigningKeyPair,
  ): Promise<boolean> {
    const known = this.#before;
    const { target, sequence } = pointerStateOf(known.pkiPointer);
    const state = this.#save(encodeCbor(treeState(pki.hash, this.#root)));
    if (target !== undefined) this.#gone.push(target);
    const pkiSequence = Number(sequence ?? 0) + 1;
    const pkiPointer = await signPointer(Signer.of(pki), {
      original: target,
      updated: state,
      sequence: pkiSequence,
    });
    const record = {
      ...known,
      number: known.number + 1,
      root: this.#root,
      pkiPointer,
      pkiSequence,
      takenMs: clock(),
    };
    const blocks = [...this.#blocks.values()];
    const writes = [...blocks.map(({ cid, bytes }) => blockEntry(cid, bytes)), ...this.#keys];
    const added = blocks.map(({ cid }) => cid);
    return commitState(records, before, { record, added, gone: this.#gone, writes }, keptRoots);
  }

  #save(bytes: Uint8Array): Cid {
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    this.#blocks.set(cid.toString(), { cid, bytes });
    return cid;
  }
}
