/** A writing space while a commit changes it. */
import { ChampTree } from '#lib/champ/index.ts';
import type { LoadBlock, SaveBlock } from '#lib/champ/index.ts';
import { sameCid, type Cid } from '#lib/codec/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import type { WriterData } from '#lib/protocol/index.ts';
import type { WriterState } from './deps.ts';
import { NoSuchSpace } from './errors.ts';

/** A writer that is new, and where the block lies that proves whose it is. */
export interface BegunWriter {
  readonly writer: KeyHash;
  readonly proof: Cid;
}

export class Space {
  readonly signer: Signer;
  /** What the node has. */
  base: WriterState;
  /** What it shall have; undefined: the space is to be deleted. Its roots may lag behind the trees. */
  data: WriterData | undefined;
  /** The data map and the owned-key tree, once they were needed. */
  tree: ChampTree | undefined;
  owned: ChampTree | undefined;
  /** Proofs of writers that this commit begins under this one. */
  readonly begun: BegunWriter[] = [];

  constructor(signer: Signer, base: WriterState, data: WriterData | undefined) {
    this.signer = signer;
    this.base = base;
    this.data = data;
  }

  /** The state to change. Throws {@link NoSuchSpace} if it was deleted in this commit. */
  present(): WriterData {
    if (this.data === undefined) throw new NoSuchSpace('The writing space was deleted.');
    return this.data;
  }

  openTree(load: LoadBlock): ChampTree {
    this.tree ??= new ChampTree(load, this.present().tree);
    return this.tree;
  }

  openOwned(load: LoadBlock): ChampTree {
    this.owned ??= new ChampTree(load, this.present().owned);
    return this.owned;
  }

  /** The state with the roots of its trees as they are now. */
  flush(save: SaveBlock): WriterData | undefined {
    this.data = this.data?.with({
      tree: this.tree?.flush(save) ?? this.data.tree,
      owned: this.owned?.flush(save) ?? this.data.owned,
    });
    return this.data;
  }

  /** Takes another state in place of the present one; trees whose roots differ are read anew. */
  replaceData(data: WriterData): void {
    if (!sameCid(data.tree, this.data?.tree)) this.tree = undefined;
    if (!sameCid(data.owned, this.data?.owned)) this.owned = undefined;
    this.data = data;
  }
}
