/** What a key rotation takes, tells and passes from step to step (A-8 §10). */
import type { PyrgosError, Random } from '#lib/bytes/index.ts';
import type { BatId, KeyHash, MapKey, Signer, SymmetricKey } from '#lib/crypto/index.ts';
import type { BuiltNode } from './build.ts';
import type { Capability } from './capability.ts';
import type { LoadFragment } from './fpct.ts';
import type { ChunkRole, OpenNode } from './node.ts';
import type { RelativeCapability } from './relative.ts';

/** What the walk needs from the writing spaces it reads and writes. */
export interface RotationSpaces {
  /** The node as it is now; undefined when nothing is there. */
  load(
    capability: Capability,
    role: ChunkRole,
    signal?: AbortSignal,
  ): Promise<OpenNode | undefined>;
  loadFragment: LoadFragment;
  /** Stores a new node under the capability's map key, where nothing may be yet. */
  put(signer: Signer, capability: Capability, node: BuiltNode): Promise<void>;
  /** A new signing key owned by `parent`, its writing space begun. */
  createWriter(parent: Signer): Promise<Signer>;
}

export interface RotationOptions {
  readonly random: Random;
  /** Also give every inner writing space a new signing key (revoking write access). */
  readonly rotateSigners: boolean;
  /** Added to every new node (A-4 §2). */
  readonly mirrorBatId?: BatId | undefined;
  readonly chunkBytes?: number;
  readonly signal?: AbortSignal;
}

/** Where the new top goes; the caller made its writing space, or chose the old one. */
export interface RotationTarget {
  readonly signer: Signer;
  readonly parent: RelativeCapability | undefined;
  /** Writer of the new parent: if it is not `signer`, the top gets a signer link. */
  readonly parentWriter: KeyHash;
}

export interface Rotation {
  /** The new top, writable. */
  readonly capability: Capability;
  readonly parentKey: SymmetricKey;
  /** Old chunks, to be removed from their data maps. */
  readonly oldChunks: readonly { readonly signer: Signer; readonly mapKey: MapKey }[];
  /** Inner writing spaces that were replaced: `child` is to be removed from the owned keys of `parent`. */
  readonly oldWriters: readonly { readonly parent: Signer; readonly child: Signer }[];
  /** What stayed as it was, and why. */
  readonly skipped: readonly { readonly name: string | undefined; readonly reason: PyrgosError }[];
}

/** Internal to the walk. */
export interface Walk {
  readonly spaces: RotationSpaces;
  readonly options: RotationOptions;
  readonly oldChunks: { signer: Signer; mapKey: MapKey }[];
  readonly oldWriters: { parent: Signer; child: Signer }[];
  readonly skipped: { name: string | undefined; reason: PyrgosError }[];
  readonly seen: Set<string>;
}

/** Internal to the walk. */
export interface Step extends RotationTarget {
  readonly node: OpenNode;
  readonly oldSigner: Signer;
  readonly depth: number;
}

/** Internal to the walk. */
export interface Moved {
  readonly capability: Capability;
  readonly parentKey: SymmetricKey;
}

/** A signer link belongs on the first chunk of a writing space only (A-8 §3). */
export function signerToLink({ signer, parentWriter }: RotationTarget): Signer | undefined {
  return signer.hash.equals(parentWriter) ? undefined : signer;
}
