/**
 * The storage node as the rest of the house sees it: the same interface for the node embedded in
 * the browser and for one behind HTTP (B-1 §2). A node can decrypt nothing, and nothing it answers
 * is to be believed: blocks come back as {@link UnverifiedBlock}, pointers and chains as signed.
 */
import type { Brand } from '#lib/bytes/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import type { BatWithId, KeyHash, PublicSigningKey } from '#lib/crypto/index.ts';

/** Bytes a node answered with; the caller has yet to compare them with the CID it asked for. */
export type UnverifiedBlock = Brand<Uint8Array, 'UnverifiedBlock'>;

export interface BlockToWrite {
  readonly bytes: Uint8Array;
  /** The writer's attached signature of the block's SHA-256, 96 bytes (A-2 §2). */
  readonly authorisation: Uint8Array;
}

export type BlockFormat = 'raw' | 'dag-cbor';

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

export interface NodeBlocks {
  /** The id a new account's claim must name as its storage provider. */
  nodeId(): Promise<Cid>;
  startTransaction(owner: KeyHash): Promise<string>;
  /** Unknown ids are fine. */
  closeTransaction(owner: KeyHash, tid: string): Promise<void>;
  /** Stores blocks of one writer; answers their CIDs in order. All or none (A-10 §5). */
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
  ): Promise<UnverifiedBlock[]>;
}

export interface NodePointers {
  /** The latest signed update; `undefined` = never written. */
  get(owner: KeyHash, writer: KeyHash): Promise<Uint8Array | undefined>;
  /** Throws {@link PointerConflict} and others of B-6 §3. */
  set(owner: KeyHash, writer: KeyHash, signed: Uint8Array): Promise<void>;
  /** All updates take effect together or none does. */
  setMany(owner: KeyHash, updates: readonly SignedPointer[]): Promise<void>;
}

export interface NodeNames {
  publicKey(name: string): Promise<KeyHash | undefined>;
  /** Former identities of a user resolve too. */
  nameOf(identity: KeyHash): Promise<string | undefined>;
  /** CBOR list of UserPublicKeyLink (B-2 §3); the empty list when the name is free. */
  chain(name: string): Promise<Uint8Array>;
}

export interface SignUpRequest {
  readonly username: string;
  /** List of one UserPublicKeyLink. */
  readonly chain: CborValue;
  /** `cbor(OpLog)`, B-2 §6.1. */
  readonly opLog: Uint8Array;
}

export interface NodeAccounts {
  /** Everything is checked before anything is stored, and the account appears at one instant. */
  signUp(request: SignUpRequest): Promise<void>;
  /** LoginResponse (B-3 §3). `auth` is a time signed by the login key. */
  getLogin(username: string, author: PublicSigningKey, auth: Uint8Array): Promise<CborValue>;
  /** `loginData` is `cbor(LoginData)`, `auth` the identity's detached signature of it (B-3 §2). */
  setLogin(username: string, loginData: Uint8Array, auth: Uint8Array): Promise<void>;
}

export interface NodeBats {
  /** Oldest first; the last is the one to use. `auth`: request signed by the identity. */
  list(owner: KeyHash, auth: Uint8Array): Promise<BatWithId[]>;
  /** Adding one that is there already changes nothing. */
  add(owner: KeyHash, bat: BatWithId, auth: Uint8Array): Promise<void>;
}

/** `auth` is a time signed by the identity (B-5 §1). */
export interface NodeSpace {
  usageBytes(owner: KeyHash, auth: Uint8Array): Promise<number>;
  quotaBytes(owner: KeyHash, auth: Uint8Array): Promise<number>;
}

export interface StorageNode {
  readonly blocks: NodeBlocks;
  readonly pointers: NodePointers;
  readonly names: NodeNames;
  readonly accounts: NodeAccounts;
  readonly bats: NodeBats;
  readonly space: NodeSpace;
}
