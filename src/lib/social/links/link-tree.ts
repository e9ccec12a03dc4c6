/**
 * The owner's tree of secret links within a change (C-4 §4.2, A-6 §8). Its root carries the mirror
 * token, so that the owner's servers can read it and nobody else can list his links.
 */
import { ChampTree, secretLinkChampKey } from '#lib/champ/index.ts';
import { asLink, decodeBlock, sameCid, type CborValue, type Cid } from '#lib/codec/index.ts';
import { Signer, signRequest, type BatWithId } from '#lib/crypto/index.ts';
import type { Change } from '#lib/drive/index.ts';
import { BATS_LIST_PATH, Unauthorised } from '#lib/protocol/index.ts';
import type { SocialDeps } from '../person.ts';

export type LinkTreeDeps = Pick<SocialDeps, 'node' | 'person' | 'clock'>;

export class LinkTree {
  readonly #change: Change;
  readonly #signer: Signer;
  readonly #tree: ChampTree;

  private constructor(change: Change, signer: Signer, tree: ChampTree) {
    this.#change = change;
    this.#signer = signer;
    this.#tree = tree;
  }

  /** The tree as it is in this change. */
  static async open(change: Change, deps: LinkTreeDeps): Promise<LinkTree> {
    const { commit, home } = change;
    const signer = Signer.of(deps.person.identity);
    const root = (await commit.state(signer.hash, change.signal)).data?.links;
    const load = (cid: Cid): Promise<Uint8Array> =>
      sameCid(cid, root)
        ? loadRoot(change, deps, cid)
        : commit.block(cid, undefined, change.signal);
    const mirrorBatId = home?.mirrorBatId?.bytes;
    const tree = new ChampTree(load, root, {
      keyHash: 'identity',
      ...(mirrorBatId && { mirrorBatId }),
    });
    return new LinkTree(change, signer, tree);
  }

  /** The target of a label; undefined if there is no such link. */
  async get(label: bigint): Promise<Cid | undefined> {
    const found = await this.#tree.get(keyOf(label));
    return found === undefined ? undefined : asLink(found, 'A secret link');
  }

  /** Puts a target in place of `expected`. @throws ChampConflict if another one is there */
  async put(label: bigint, expected: Cid | undefined, target: CborValue): Promise<Cid> {
    const cid = this.#change.commit.putCbor(this.#signer, target);
    await this.#tree.put(keyOf(label), expected, cid);
    return cid;
  }

  /** Takes links away; those that are gone already are no error. */
  async remove(labels: readonly bigint[]): Promise<void> {
    await this.#tree.removeMany(labels.map(keyOf));
  }

  /** Makes what was changed part of the change. */
  async save(): Promise<void> {
    const { commit } = this.#change;
    const links = this.#tree.flush((block) => commit.putCbor(this.#signer, decodeBlock(block)));
    await commit.changeWriterData(this.#signer, (data) => data.with({ links }));
  }
}

/** The root lists one of the account's mirror tokens: most likely the newest. */
async function loadRoot(
  { commit, signal }: Change,
  { node, person, clock }: LinkTreeDeps,
  root: Cid,
): Promise<Uint8Array> {
  const { identity } = person;
  const auth = await signRequest(identity, BATS_LIST_PATH, clock());
  const bats: (BatWithId | undefined)[] = await node.bats.list(identity.hash, auth);
  const newestFirst = bats.length === 0 ? [undefined] : bats.toReversed();
  for (const [i, bat] of newestFirst.entries()) {
    try {
      return await commit.block(root, bat, signal);
    } catch (error) {
      if (!(error instanceof Unauthorised) || i === newestFirst.length - 1) throw error;
    }
  }
  return commit.block(root, undefined, signal);
}

function keyOf(label: bigint): Uint8Array {
  return secretLinkChampKey(Number(label));
}
