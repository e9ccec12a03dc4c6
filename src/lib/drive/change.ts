/**
 * One change of the tree: a Commit with what the drive's operations have in common. Operations
 * read through it (so they see what the same change already did), put nodes, and end.
 *
 * Invariants: a node is replaced only by compare-and-swap on the CID it had when it was read; an
 * operation looks at the folder again inside its own change, never at the handle it was given.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import { mirrorBatIdOf, type BuiltNode, type Capability, type Time } from '#lib/cryptree/index.ts';
import type { BatId, KeyHash, MapKey, Signer } from '#lib/crypto/index.ts';
import { Commit } from '#lib/writers/index.ts';
import { DanglingEntry, NotADirectory, NotAFile, NotWritable } from './errors.ts';
import { handleOf, openTarget, reopened } from './open.ts';
import type { DriveDeps, Handle, Home } from './types.ts';

const CHILDREN_PER_CHUNK = 500;

export class Change {
  readonly commit: Commit;
  readonly deps: DriveDeps;
  readonly home: Home | undefined;
  readonly signal: AbortSignal | undefined;

  constructor(deps: DriveDeps, home: Home | undefined, owner: KeyHash, signal?: AbortSignal) {
    this.deps = deps;
    this.home = home;
    this.commit = new Commit(deps, owner);
    this.signal = signal;
  }

  get random(): Random {
    return this.deps.random;
  }

  get chunkBytes(): number {
    return this.deps.chunkBytes ?? CHUNK_BYTES;
  }

  get childrenPerChunk(): number {
    return this.deps.childrenPerChunk ?? CHILDREN_PER_CHUNK;
  }

  now(): Time {
    return timeOf(this.deps.clock());
  }

  /** The handle as things stand in this change. @throws DanglingEntry when it is gone */
  reopen(handle: Handle): Promise<Handle> {
    return reopened(this.commit, handle, this.signal);
  }

  async reopenFile(handle: Handle): Promise<WritableHandle> {
    const fresh = await this.reopen(handle);
    if (fresh.isDirectory) throw new NotAFile(handle.name);
    return writable(fresh);
  }

  async reopenFolder(handle: Handle): Promise<WritableHandle> {
    const fresh = await this.reopen(handle);
    if (!fresh.isDirectory) throw new NotADirectory(handle.name);
    return writable(fresh);
  }

  /** Opens a child of `folder` in this change. @throws DanglingEntry when it is gone */
  async openChild(folder: Handle, name: string, capability: Capability): Promise<Handle> {
    const target = await openTarget(this.commit, capability, this.signal);
    if (!target) throw new DanglingEntry(name);
    return handleOf(target, folder, folder.signer);
  }

  /** Stores a node under its map key, in place of the one it replaces. */
  async put(
    signer: Signer,
    mapKey: MapKey,
    expected: Cid | undefined,
    { value, fragments }: BuiltNode,
  ): Promise<void> {
    for (const { cid, block } of fragments) this.commit.putRaw(signer, block, cid);
    const cid = this.commit.putCbor(signer, value);
    await this.commit.setMapped(signer, mapKey, expected, cid);
  }

  /** The mirror id for what is made in `folder`: the folder's own if it has one (A-4 §2). */
  mirrorBatIdIn(folder: Handle): BatId | undefined {
    return mirrorBatIdFor(this.home, folder);
  }

  /** True if the data map holds something at this capability's place. */
  async exists({ writer, mapKey }: Capability): Promise<boolean> {
    return (await this.commit.mapped(writer, mapKey)) !== undefined;
  }
}

/** The mirror id for what is made in `folder`: the folder's own if it has one (A-4 §2). */
export function mirrorBatIdFor(home: Home | undefined, folder: Handle): BatId | undefined {
  const isOurs = home !== undefined && folder.capability.owner.equals(home.owner);
  return mirrorBatIdOf(folder.node) ?? (isOurs ? home.mirrorBatId : undefined);
}

/** A handle whose keys allow changing it. */
export type WritableHandle = Handle & { readonly signer: Signer };

/** @throws NotWritable */
export function writable(handle: Handle): WritableHandle {
  const { signer } = handle;
  if (!signer) throw new NotWritable(handle.name);
  return { ...handle, signer };
}

/** Milliseconds since 1970 as the protocol writes times; also before 1970. */
export function timeOf(ms: number): Time {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) % 1_000_000_000 };
}
