/**
 * The storage node as the rest of the house sees it: the same interface for the node embedded in
 * the browser and for one behind HTTP (B-1 §2). A node can decrypt nothing, and nothing it answers
 * is to be believed: blocks come back as {@link UnverifiedBlock}, pointers and chains as signed.
 */
import type { CborValue, Cid } from '#lib/codec/index.ts';
import type { BatWithId, KeyHash, PublicSigningKey } from '#lib/crypto/index.ts';
import type {
  BlockFormat,
  BlockToWrite,
  NodeReport,
  SignedIpnsRecord,
} from '#lib/protocol/index.ts';
import type { LookedUpBlock, UnverifiedBlock } from './unverified-block.ts';

/** One key of a champ look-up, with the BAT of the block it maps to. */
export interface ChampKey {
  readonly key: Uint8Array;
  readonly bat?: BatWithId;
}

export interface SignedPointer {
  readonly writer: KeyHash;
  /** The signed pointer update, attached form, as stored and served (A-6 §3). */
  readonly signed: Uint8Array;
}

/** What a node on an object store offers beside the calls every node has (B-6 §7). */
export interface BlockStoreProperties {
  readonly directWrites: boolean;
  readonly publicReads: boolean;
  readonly authorisedReads: boolean;
  readonly publicReadUrl?: string;
  readonly objectStoreUrl?: string;
}

/** A request the caller may send to the object store itself. */
export interface DirectRequest {
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** A raw block announced for a direct write: its signed hash, size and the ids of its BATs. */
export interface AnnouncedBlock {
  readonly authorisation: Uint8Array;
  readonly sizeBytes: number;
  readonly batIds: readonly Cid[];
}

export interface NodeBlocks {
  /** How many `put`s at once it makes good use of; a few when it does not say. */
  readonly parallelPuts?: number;
  /** The id a new account's claim must name as its storage provider. */
  nodeId(): Promise<Cid>;
  /** All ids the node ever had, oldest first; the last is the current one (B-1 §2.1). */
  nodeIds(): Promise<Cid[]>;
  /** What the node signed of one of its ids (B-2 §7); `undefined` = it has no record of that id. */
  nodeRecord(nodeId: Cid): Promise<SignedIpnsRecord | undefined>;
  properties(): Promise<BlockStoreProperties>;
  /** Not of the protocol: multiaddrs at which other nodes reach this one; none where it listens for none. */
  peerAddresses?(): Promise<readonly string[]>;
  /** 0 = not stored for this owner. */
  sizeBytes(owner: KeyHash, cid: Cid): Promise<number>;
  /** At most 50 raw blocks, answered in order. Throws {@link NotOffered} where there is no object store. */
  authoriseWrites(
    owner: KeyHash,
    writer: KeyHash,
    blocks: readonly AnnouncedBlock[],
    tid: string,
  ): Promise<DirectRequest[]>;
  /** At most 50 raw blocks; all or none is authorised. */
  authoriseReads(
    owner: KeyHash,
    blocks: readonly { readonly cid: Cid; readonly bat?: BatWithId }[],
  ): Promise<DirectRequest[]>;
  startTransaction(owner: KeyHash): Promise<string>;
  /** Unknown ids are fine. */
  closeTransaction(owner: KeyHash, tid: string): Promise<void>;
  /**
   * Stores blocks of one writer; answers their CIDs in order. All or none (A-10 §5). Raw blocks are
   * the caller's again afterwards, to overwrite or to give back: who keeps one copies it.
   */
  put(
    owner: KeyHash,
    writer: KeyHash,
    blocks: readonly BlockToWrite[],
    format: BlockFormat,
    tid: string,
    signal?: AbortSignal,
  ): Promise<Cid[]>;
  /** `undefined` = not stored for this owner. Throws {@link Unauthorised} (A-4 §4.1). */
  get(
    owner: KeyHash,
    cid: Cid,
    bat?: BatWithId,
    signal?: AbortSignal,
  ): Promise<UnverifiedBlock | undefined>;
  /**
   * The root, the nodes on the way to each of at most 20 keys, and each value block that exists;
   * unordered, each once (B-1 §2.1). The caller walks the champ itself.
   */
  champLookup(
    owner: KeyHash,
    root: Cid,
    keys: readonly ChampKey[],
    signal?: AbortSignal,
  ): Promise<LookedUpBlock[]>;
}

export interface PointerQuestion {
  readonly signal?: AbortSignal | undefined;
  /** What was read a moment ago will not do: something newer is known to exist. */
  readonly isFresh?: boolean;
}

export interface NodePointers {
  /** The latest signed update; `undefined` = never written. */
  get(owner: KeyHash, writer: KeyHash, options?: PointerQuestion): Promise<Uint8Array | undefined>;
  /** Throws {@link PointerConflict} and others of B-6 §3. */
  set(owner: KeyHash, writer: KeyHash, signed: Uint8Array): Promise<void>;
  /** All updates take effect together or none does. */
  setMany(owner: KeyHash, updates: readonly SignedPointer[]): Promise<void>;
}

export interface NodeNames {
  publicKey(name: string, signal?: AbortSignal): Promise<KeyHash | undefined>;
  /** Former identities of a user resolve too. */
  nameOf(identity: KeyHash): Promise<string | undefined>;
  /** CBOR list of UserPublicKeyLink (B-2 §3); the empty list when the name is free. */
  chain(name: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** Every registered name. */
  usernames(): Promise<string[]>;
  /**
   * The same with the entity tag of the list, for who keeps it; `undefined`: it is still that of `tag`.
   * Absent where nothing is saved by that.
   */
  usernamesUnless?(tag: string | undefined): Promise<TaggedNames | undefined>;
  /**
   * Merges a list of UserPublicKeyLink into the registered chain (B-2 §4). Throws
   * {@link WorkRequired}, {@link BadClaimChain}.
   */
  updateChain(name: string, chain: CborValue, work: ProofOfWork, token: string): Promise<void>;
  /** What {@link usernames} tells, as it goes over the wire: where a node keeps it ready. */
  usernameList?(): Promise<UsernameList>;
  /**
   * Not of the protocol: some blocks that a state `to` of the name registry has and the earlier state
   * `from` (absent: the empty tree) has not, as a CAR; see `node-http/wire/extensions.ts`.
   * `undefined` = these states are not kept here.
   */
  registryDifference?(
    from: Cid | undefined,
    to: Cid,
    start: readonly number[],
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined>;
  /** Not of the protocol: a copy of an account of another node; the same request asks how far it is. */
  mirror?(request: MirrorRequest): Promise<MirrorStatus>;
  /** One step of a move to another node (B-2 §12); answers `cbor(UserSnapshot)`. */
  migrate(request: MigrationRequest): Promise<Uint8Array>;
  /**
   * Not of the protocol: the same request to the new home, answered within seconds with how far the
   * move is, and to be sent again until it is `done`; see `node-http/wire/extensions.ts`. A move that
   * nobody asks for any more ends, unless the old home has switched. Throws what {@link migrate}
   * throws, {@link NotOffered}.
   */
  migrateInSteps?(
    request: MigrationRequest,
    extras: MigrationExtras,
    signal?: AbortSignal,
  ): Promise<MigrationStep>;
}

export interface TaggedNames {
  readonly names: readonly string[];
  readonly tag: string | undefined;
}

/** A JSON array of all names, compressed by gzip. */
export interface UsernameList {
  readonly gzip: Uint8Array;
  /** Differs when the names do: the text of an entity tag, without its quotes. */
  readonly version: string;
}

/** B-2 §5: SHA-256 of prefix and data ends its first bytes in zero bits. */
export interface ProofOfWork {
  readonly prefix: Uint8Array;
}

export interface MigrationRequest {
  readonly username: string;
  /** The new chain, naming the target as storage provider. */
  readonly chain: CborValue;
  readonly currentNode: Cid;
  readonly mirrorBat: BatWithId | undefined;
  readonly linkCountsAfterSeconds: number;
  readonly usageBytes: number;
  /** Whether the claim is switched, or the data only collected. */
  readonly isCommit: boolean;
}

/** What the protocol has no place for in a request to move. */
export interface MigrationExtras {
  /** An invitation to the new home; empty where none is needed. */
  readonly token: string;
  /** Multiaddrs at which the present home is said to be. */
  readonly addresses: readonly string[];
  /** The move is called off, if the old home was not asked to switch yet. */
  readonly isCalledOff?: boolean;
}

/**
 * How far a move is. `waiting`: the old home does not answer at the moment; `unreachable`: it never
 * has, so this node cannot bring the account here; `damaged`: parts of the account are missing there;
 * `switching`: the old home was asked to give it up.
 */
export type MigrationPhase =
  'copying' | 'switching' | 'waiting' | 'unreachable' | 'damaged' | 'done';

export interface MigrationStep {
  readonly phase: MigrationPhase;
  /** Of what was fetched or was here, verified. */
  readonly doneBytes: number;
  readonly doneBlocks: number;
  /** What the request says the account uses, or what is done already if that is more. */
  readonly totalBytes: number;
}

/** A person's request to have an account mirrored here, or to end that; not of the protocol as it is. */
export interface MirrorRequest {
  readonly username: string;
  /** The account's claims; the last names its home, which is another node. */
  readonly chain: CborValue;
  /** Opens every block of the account. */
  readonly bat: BatWithId;
  /** A request signed by the identity, of `MIRROR_PATH` or `MIRROR_END_PATH`. */
  readonly auth: Uint8Array;
  readonly extras: MigrationExtras;
  /** `cbor(LoginData)` and the identity's detached signature, to sign in by when the home is gone. */
  readonly login: { readonly bytes: Uint8Array; readonly auth: Uint8Array } | undefined;
  readonly isEnded: boolean;
}

export interface MirrorStatus {
  /** When the copy was last seen to be what the home has; absent: it is not whole yet. */
  readonly seenMs: number | undefined;
  /** Bytes gone through by the attempt that is under way, or was last. */
  readonly doneBytes: number;
  readonly isBusy: boolean;
  /** Name of the error that the last attempt ended with. */
  readonly failure: string | undefined;
}

export interface SignUpRequest {
  readonly username: string;
  /** List of one UserPublicKeyLink. */
  readonly chain: CborValue;
  /** `cbor(OpLog)`, B-2 §6.1. */
  readonly opLog: Uint8Array;
  readonly work: ProofOfWork;
  /** What an administrator handed out; empty where none is needed. */
  readonly token: string;
}

/** The second round of a login (B-3 §3): `cbor(MultiFactorAuthResponse)`. */
export interface SecondFactorAnswer {
  readonly response: CborValue;
  /** Random bytes by which a node knows that two sign-ins come from one client; not of the protocol. */
  readonly session?: Uint8Array;
}

export interface NodeAccounts {
  /**
   * Everything is checked before anything is stored, and the account appears at one instant.
   * Throws {@link WorkRequired}, {@link SignUpClosed}.
   */
  signUp(request: SignUpRequest): Promise<void>;
  /**
   * LoginResponse (B-3 §3), which may ask for a second factor. `auth` is a time signed by the
   * login key.
   */
  getLogin(
    username: string,
    author: PublicSigningKey,
    auth: Uint8Array,
    secondFactor?: SecondFactorAnswer,
    signal?: AbortSignal,
  ): Promise<CborValue>;
  /** `loginData` is `cbor(LoginData)`, `auth` the identity's detached signature of it (B-3 §2). */
  setLogin(username: string, loginData: Uint8Array, auth: Uint8Array): Promise<void>;
}

export interface NodeBats {
  /** Oldest first; the last is the one to use. `auth`: request signed by the identity. */
  list(owner: KeyHash, auth: Uint8Array): Promise<BatWithId[]>;
  /** Adding one that is there already changes nothing. */
  add(owner: KeyHash, bat: BatWithId, auth: Uint8Array): Promise<void>;
}

/**
 * Second factors of a login (B-3 §5). `auth` is a request signed by the identity, whose path is
 * `peergos/v0/login/<method>`. Credential ids are opaque bytes.
 */
export interface NodeSecondFactors {
  /** List of MultiFactorAuthMethod. */
  list(username: string, auth: Uint8Array): Promise<CborValue>;
  addTotp(username: string, auth: Uint8Array): Promise<NewCodeFactor>;
  /** `false`: the code is wrong. */
  enableTotp(
    username: string,
    credential: Uint8Array,
    code: string,
    auth: Uint8Array,
  ): Promise<boolean>;
  addMount(username: string, device: string, auth: Uint8Array): Promise<NewCodeFactor>;
  enableMount(
    username: string,
    credential: Uint8Array,
    code: string,
    auth: Uint8Array,
  ): Promise<boolean>;
  /** BackupCodes; a new set replaces the old one. */
  generateBackupCodes(username: string, auth: Uint8Array): Promise<CborValue>;
  /** The challenge a security key is to sign, 32 bytes. */
  startSecurityKey(username: string, auth: Uint8Array): Promise<Uint8Array>;
  completeSecurityKey(
    username: string,
    keyName: string,
    answer: SecondFactorAnswer,
    auth: Uint8Array,
  ): Promise<boolean>;
  remove(username: string, credential: Uint8Array, auth: Uint8Array): Promise<boolean>;
}

export interface NewCodeFactor {
  readonly credential: Uint8Array;
  /** Shared secret of the codes (RFC 6238, SHA-1, 6 digits, 30 s). */
  readonly secret: Uint8Array;
}

/** Follow requests to this node's users (B-1 §2.4). */
export interface NodeInbox {
  /** `request` is `cbor(BlindFollowRequest)`. `false`: more than 100 are waiting already. */
  send(target: KeyHash, request: Uint8Array): Promise<boolean>;
  /** The waiting requests as they were sent, oldest first. `auth`: time signed by the identity. */
  list(owner: KeyHash, auth: Uint8Array): Promise<Uint8Array[]>;
  /** `signed`: the exact bytes of one request, attached-signed by the identity. Removes all copies. */
  remove(owner: KeyHash, signed: Uint8Array): Promise<boolean>;
}

/** What visitors without an account may open (C-4, A-6 §8). */
export interface NodeLinks {
  /** EncryptedCapability of a secret link; counts one retrieval. Throws {@link LinkRefused}. */
  get(owner: KeyHash, label: bigint): Promise<CborValue>;
  /** `host[:port]` to be used in secret-link URLs. */
  host(owner: KeyHash): Promise<string>;
  /** Capability link (`#…`) of a published path. Throws {@link LinkRefused}. */
  published(username: string, path: readonly string[]): Promise<string>;
}

/** Conversations between a user and the operator; not encrypted (B-5 §4). */
export interface NodeMessages {
  /** List of ServerMessage. `auth`: request signed by the identity. */
  retrieve(username: string, auth: Uint8Array): Promise<CborValue>;
  /** `signed` is `S(identity, cbor(ServerMessage))`. */
  send(username: string, signed: Uint8Array): Promise<boolean>;
}

/** `auth` is a time signed by the identity (B-5 §1, §2). */
export interface NodeSpace {
  /** With `isExpected`, including writes that nothing refers to yet. */
  usageBytes(owner: KeyHash, auth: Uint8Array, isExpected?: boolean): Promise<number>;
  quotaBytes(owner: KeyHash, auth: Uint8Array): Promise<number>;
  /** PaymentProperties. */
  payment(owner: KeyHash, auth: Uint8Array, wantsClientSecret: boolean): Promise<CborValue>;
  /** `signed` is `S(identity, cbor(SpaceRequest))`; answers PaymentProperties. */
  request(owner: KeyHash, signed: Uint8Array): Promise<CborValue>;
}

/** B-5 §3, B-1 §2.8. */
export interface NodeAdmin {
  version(): Promise<{ readonly version: string; readonly revision: string }>;
  openSignUps(): Promise<{ readonly free: boolean; readonly paid: boolean }>;
  /** Not of the protocol: what the node says of itself; `undefined` = it says nothing. */
  report?(signal?: AbortSignal): Promise<NodeReport | undefined>;
  joinWaitingList(email: string): Promise<boolean>;
  /** List of LabelledSpaceRequest; empty for callers that are not administrators. */
  pending(admin: KeyHash, auth: Uint8Array): Promise<CborValue>;
  /** `signed` is `S(admin identity, cbor(LabelledSpaceRequest))`. */
  approve(admin: KeyHash, signed: Uint8Array): Promise<boolean>;
}

export interface StorageNode {
  readonly blocks: NodeBlocks;
  readonly pointers: NodePointers;
  readonly names: NodeNames;
  readonly accounts: NodeAccounts;
  readonly secondFactors: NodeSecondFactors;
  readonly bats: NodeBats;
  readonly inbox: NodeInbox;
  readonly links: NodeLinks;
  readonly messages: NodeMessages;
  readonly space: NodeSpace;
  readonly admin: NodeAdmin;
}
