/** What every part of the local node works with. All state lies in the stores. */
import type { Random } from '#lib/bytes/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import type {
  BlockStoreProperties,
  DirectRequest,
  ProofOfWork,
  StorageNode,
} from '#lib/node/index.ts';
import { StoreContended } from '#lib/stores/index.ts';
import type { BlockStore, RecordChange, RecordStore } from '#lib/stores/index.ts';
import type { UploadLimit } from './upload-limit.ts';
import type { SecurityKeyVerifier } from './webauthn.ts';
import { blockKey } from './records.ts';

export interface LocalNodeDeps {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: Random;
  /** What the medium allows an owner beside his quota; no limit when absent. Asked once a write. */
  readonly quotaBytes?: (owner: KeyHash) => Promise<number> | number;
  /** The node's id; without it one is made at first use and kept in the records. */
  readonly nodeId?: Cid;
  /** Ids the node had before, oldest first: claims that name them mean this node, too. */
  readonly formerNodeIds?: readonly Cid[];
  /** Anybody may sign up and has no quota when absent. */
  readonly signUps?: SignUpPolicy;
  /** User names of the operators, beside those made by a token. */
  readonly operators?: readonly string[];
  /** `host[:port]` of secret-link URLs; `localhost` when absent. */
  readonly linkHost?: string;
  readonly version?: { readonly version: string; readonly revision: string };
  /** Whether addresses for the waiting list are taken; not when absent. */
  readonly hasWaitingList?: boolean;
  /** Checks security keys; without it none can be registered (B-3 §5). */
  readonly webauthn?: SecurityKeyVerifier;
  /** How clients reach the object store themselves; not at all when absent (B-6 §7). */
  readonly directTransfer?: DirectTransfer;
  /** How much an owner may upload in a span of time; any amount when absent (B-5 §1). */
  readonly uploadLimit?: UploadLimit;
  /**
   * The node with another id, for accounts that move here; without it none can (B-2 §12).
   * `addresses` are where it is said to be, by who asks.
   */
  readonly nodeOf?: (
    nodeId: Cid,
    addresses?: readonly string[],
  ) => Promise<StorageNode | undefined>;
  /** Multiaddrs at which other nodes reach this one. */
  readonly peerAddresses?: () => readonly string[];
  /** Where blocks that are not here are asked for; nowhere when absent. */
  readonly fetchBlock?: FetchBlock;
  /** Where names are registered; in this node's records alone when absent. */
  readonly registry?: NameAuthority | undefined;
}

/**
 * The registry of all names (B-2 §1), as far as this node's accounts are concerned: they are
 * registered there before their data are stored here, and changed there before they are changed here.
 */
export interface NameAuthority {
  /** The registered chain, CBOR; the empty list when the name is free. */
  chain(name: string): Promise<Uint8Array>;
  /** Merges a chain into the registered one. Throws `WorkRequired`, `BadClaimChain`, `NameTaken`. */
  register(name: string, chain: CborValue, work: ProofOfWork, token: string): Promise<void>;
}

/**
 * Asks elsewhere (bitswap, a mirror, an archive) for a block a client wants to read. What comes is
 * checked like what a stranger sends, given to those who may read it, and not kept: it counts
 * towards no quota and is nothing to collect. A failure means that it is not to be had.
 */
export type FetchBlock = (
  owner: KeyHash,
  cid: Cid,
  bat: BatWithId | undefined,
  signal: AbortSignal | undefined,
) => Promise<Uint8Array | undefined>;

/** Signs requests to the object store under the blocks' keys in the block store. */
export interface DirectTransfer {
  readonly properties: BlockStoreProperties;
  presignWrite(key: string, cid: Cid, sizeBytes: number): Promise<DirectRequest>;
  presignRead(key: string): Promise<DirectRequest>;
}

/** Who may sign up (B-2 §5). */
export interface SignUpPolicy {
  /** Whether sign-ups are open, need an invitation (`invited`), or are closed. */
  readonly admits: 'anyone' | 'invited' | 'nobody';
  /** Names that are taken with an invitation only: what they may do is settled already. */
  readonly reserved?: readonly string[];
  /** Where `anyone` ends; invitations still work. */
  readonly maxUsers?: number;
  /** Quota of a new account, recorded at sign-up. Accounts without a record have it, too. */
  readonly quotaBytes?: number;
  /** The work a new name costs at the moment, in bits; none when absent. */
  readonly difficultyBits?: () => Promise<number> | number;
}

/** How long a block of an open transaction is safe from collection (A-10 §6). */
export const TRANSACTION_MS = 24 * 60 * 60 * 1000;

/** Attempts of a compare-and-set; each failure means that another caller succeeded. */
const MAX_ATTEMPTS = 1000;

/**
 * Repeats "read, decide, write" until the write finds everything as it was read. `decide` throws to
 * give up, gives no change when there is nothing to write, and `'again'` to read once more.
 */
export async function compareAndSet<T>(
  records: RecordStore,
  decide: () => Promise<{ readonly change?: RecordChange; readonly result: T } | 'again'>,
): Promise<T> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const decision = await decide();
    if (decision === 'again') continue;
    const { change, result } = decision;
    if (change === undefined || (await records.apply(change))) return result;
  }
  throw new StoreContended('The storage is too busy. Please try again.');
}

/** A stored block whose bytes were compared with its CID; the digest itself for identity CIDs. */
export async function loadVerified(
  deps: LocalNodeDeps,
  owner: KeyHash,
  cid: Cid,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (cid.isIdentity) return cid.digest;
  const bytes = await deps.blocks.get(blockKey(owner, cid), signal);
  if (bytes !== undefined) await verifyBlock(cid, bytes);
  return bytes;
}
