/**
 * Writing (A-10 §2, §3): the only way there is. A Commit buffers blocks and changes; reads see them
 * first; nothing is visible to anyone else until {@link Commit.commit} moves the pointers. Champ
 * changes stay decoded in memory and every touched node is encoded once, when the pointers move.
 *
 * Each commit advances each touched writer by one sequence number, and one that begins a writer below
 * it by two. Lost races are merged where the protocol allows it (A-6 §5), else {@link WriteConflict}.
 * After a failure the commit is spent and nothing of it survives: the operation begins again with a
 * new one.
 */
import { EMPTY_CHAMP_BLOCK, ownedKeyChampKey } from '#lib/champ/index.ts';
import type { ChampTree } from '#lib/champ/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';
import { ownerProof, Signer } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash, MapKey, SigningKeyPair } from '#lib/crypto/index.ts';
import { Unauthorised, WriterData } from '#lib/protocol/index.ts';
import type { WriterDataFields } from '#lib/protocol/index.ts';
import type { SpaceDeps, WriterState } from './deps.ts';
import { CommitSpent, NoSuchSpace } from './errors.ts';
import { opLogOf } from './op-log.ts';
import { Outbox } from './commit-buffer.ts';
import { planMoves, Publication } from './publish.ts';
import { Snapshot } from './snapshot.ts';
import { Space } from './space.ts';

/** One change of an owner's spaces, all of it or nothing. Reads show what it would leave behind. */
export class Commit extends Snapshot {
  readonly #outbox: Outbox;
  /** In the order in which they were first touched. */
  readonly #spaces = new Map<string, Space>();
  #turn: Promise<unknown> = Promise.resolve();
  #isSpent = false;

  constructor(deps: SpaceDeps, owner: KeyHash) {
    super(deps, owner);
    this.#outbox = new Outbox(deps.node, owner);
  }

  /**
   * The commit of a sign-up: the account does not exist yet, so it begins with the identity's own
   * space.
   */
  static forNewAccount(
    deps: SpaceDeps,
    identity: Signer,
    fields: Pick<WriterDataFields, 'algorithm' | 'inbound'>,
  ): Commit {
    const commit = new Commit(deps, identity.hash);
    commit.#begin(identity, { ...fields, controller: identity.hash });
    return commit;
  }

  /** Buffers a structured block. Throws {@link CommitSpent}. */
  putCbor(writer: Signer, value: CborValue): Cid {
    this.#checkOpen();
    return this.#outbox.putCbor(writer, value);
  }

  /**
   * Takes a raw block whose CID was computed from these bytes (the node compares them again). It is
   * not copied, must not be changed any more, and may be on its way to the node at once.
   */
  putRaw(writer: Signer, block: Uint8Array, cid: Cid): void {
    this.#checkOpen();
    this.#outbox.putRaw(writer, block, cid);
  }

  /**
   * Maps a key to a block. If the key is mapped, then it must be to `expected`, else
   * `ChampConflict`. Cheap: many calls cost one walk each, and hashing happens once at the end.
   */
  setMapped(
    signer: Signer,
    mapKey: MapKey,
    expected: Cid | undefined,
    value: Cid,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#inTurn(async () => {
      const tree = (await this.#space(signer)).openTree(this.#load);
      if (expected === undefined && !tree.hasPath(mapKey)) {
        await this.#fetchPath(tree, signer.hash, mapKey, signal);
      }
      await tree.put(mapKey, expected, value);
      if (expected !== undefined) this.#outbox.supersede(expected);
    });
  }

  /** Unmaps keys, whatever they are mapped to; absent ones are ignored. */
  removeMapped(signer: Signer, mapKeys: readonly MapKey[]): Promise<void> {
    return this.#inTurn(async () => {
      await (await this.#space(signer)).openTree(this.#load).removeMany(mapKeys);
    });
  }

  /** Begins a writing space under `parent`: proof, owned key and first state (A-6 §6). */
  createWriter(parent: Signer, child: SigningKeyPair): Promise<Signer> {
    return this.#inTurn(async () => {
      const signer = Signer.of(child);
      const proof = await this.#own(parent, signer);
      (await this.#space(parent)).begun.push({ writer: signer.hash, proof });
      this.#begin(signer, { controller: child.hash });
      return signer;
    });
  }

  /** Makes `parent` the owner of an existing writing space (B-2 §11). */
  ownWriter(parent: Signer, child: Signer): Promise<void> {
    return this.#inTurn(async () => {
      await this.#own(parent, child);
    });
  }

  /** Takes a key out of a writer's owned keys; to be followed by {@link deleteWriter} (A-6 §6). */
  removeOwnedKey(parent: Signer, child: KeyHash): Promise<void> {
    return this.#inTurn(async () => {
      const space = await this.#space(parent);
      await space.openOwned(this.#load).removeMany([ownedKeyChampKey(child)]);
    });
  }

  /** Ends a writing space: its pointer will point to nothing. */
  deleteWriter(child: Signer): Promise<void> {
    return this.#inTurn(async () => {
      (await this.#space(child)).data = undefined;
    });
  }

  /** Changes other fields of a state, whose roots are given as they are now. */
  changeWriterData(signer: Signer, change: (data: WriterData) => WriterData): Promise<void> {
    return this.#inTurn(async () => {
      const space = await this.#space(signer);
      space.present();
      space.replaceData(change(space.flush((block) => this.#outbox.save(signer, block))!));
    });
  }

  /** Waits while much is still on its way to the node; commits nothing. */
  room(signal?: AbortSignal): Promise<void> {
    return this.#orFail(() => this.#outbox.uploads.room(signal));
  }

  /** Makes everything visible, or nothing. The commit is spent afterwards. */
  commit(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      await this.#orFail(() => this.#publish(signal));
      await this.#spend(new CommitSpent('This commit has ended.'));
    });
  }

  /**
   * The writes of a sign-up in order (B-2 §6.1, B-4 §2), for a commit begun by
   * {@link Commit.forNewAccount}: per writer its blocks, then its pointer. Takes the place of
   * {@link commit}; the node is not asked anything.
   */
  buildOpLog(): Promise<CborMap[]> {
    return this.#inTurn(async () => {
      const writes = await opLogOf(
        planMoves([...this.#spaces.values()], this.#outbox.save),
        this.#outbox.buffer,
      );
      this.#isSpent = true;
      return writes;
    });
  }

  /** Forgets everything that was not committed; to be called when the operation fails. Never fails. */
  abandon(): Promise<void> {
    return this.#spend(new CommitSpent('This commit was abandoned.'));
  }

  /** The buffered state of a writer; its roots are those it was read with, use {@link lookup}. */
  override async state(writer: KeyHash, signal?: AbortSignal): Promise<WriterState> {
    const space = this.#spaces.get(writer.toString());
    if (space === undefined) return super.state(writer, signal);
    return { ...space.base, data: space.data };
  }

  override block(cid: Cid, bat?: BatWithId, signal?: AbortSignal): Promise<Uint8Array> {
    const block = this.local(cid);
    return block === undefined ? super.block(cid, bat, signal) : Promise.resolve(block);
  }

  protected override local(cid: Cid): Uint8Array | undefined {
    return this.#outbox.get(cid) ?? super.local(cid);
  }

  protected override async treeOf(writer: KeyHash): Promise<ChampTree | undefined> {
    const space = this.#spaces.get(writer.toString());
    if (space === undefined) return super.treeOf(writer);
    // Looking must not begin a map that is not there: only a change does.
    if (space.tree === undefined && space.data?.tree === undefined) return undefined;
    return space.data === undefined ? undefined : space.openTree(this.#load);
  }

  protected override async storedRoot(writer: KeyHash): Promise<Cid | undefined> {
    const space = this.#spaces.get(writer.toString());
    return space === undefined ? super.storedRoot(writer) : space.base.data?.tree;
  }

  /** Answers the proof. */
  async #own(parent: Signer, child: Signer): Promise<Cid> {
    const space = await this.#space(parent);
    const proof = this.putCbor(parent, await ownerProof(child, parent.hash));
    await space.openOwned(this.#load).put(ownedKeyChampKey(child.hash), undefined, proof);
    return proof;
  }

  /** Begins a space that was never written. */
  #begin(signer: Signer, fields: WriterDataFields): void {
    const writer = signer.hash;
    const owned = this.#outbox.save(signer, EMPTY_CHAMP_BLOCK);
    const base = { writer, target: undefined, sequence: undefined, data: undefined };
    this.#spaces.set(
      writer.toString(),
      new Space(signer, base, new WriterData({ ...fields, owned })),
    );
    this.#outbox.newWriters.add(writer.toString());
  }

  async #space(signer: Signer): Promise<Space> {
    const key = signer.hash.toString();
    const known = this.#spaces.get(key);
    if (known !== undefined) {
      known.present();
      return known;
    }
    const base = await super.state(signer.hash);
    if (base.data === undefined) throw new NoSuchSpace('The writing space does not exist.');
    const space = new Space(signer, base, base.data);
    space.tree = await super.treeOf(signer.hash);
    this.#spaces.set(key, space);
    return space;
  }

  /** Fetches all champ nodes on the path to a new key in one request. */
  async #fetchPath(
    tree: ChampTree,
    writer: KeyHash,
    mapKey: MapKey,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      const answered = await this.ask(writer, [{ mapKey }], signal);
      await tree.get(mapKey, this.loaderOf(answered, signal));
    } catch (error) {
      // The key is not new and its block is protected: the tree will find that out by itself.
      if (!(error instanceof Unauthorised)) throw error;
    }
  }

  /** Moves what changed. Blocks that nothing links yet stay buffered, unless they were superseded. */
  async #publish(signal?: AbortSignal): Promise<void> {
    const { deps, owner } = this;
    const publication = new Publication({ deps, owner, outbox: this.#outbox, load: this.#load });
    const committed = await publication.run([...this.#spaces.values()], signal);
    if (committed !== undefined) this.#outbox.settle(committed, deps.blockCache);
  }

  /** One change at a time, and none while pointers move, so that what is committed fits together. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      this.#checkOpen();
      return work();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#spend(error);
      throw error;
    }
  }

  async #spend(reason: unknown): Promise<void> {
    this.#isSpent = true;
    await this.#outbox.close(reason);
  }

  #checkOpen(): void {
    if (this.#isSpent) throw new CommitSpent('This commit has ended.');
  }

  readonly #load = (cid: Cid): Promise<Uint8Array> => this.block(cid);
}
