/**
 * The child list of one directory while a change rewrites it (A-8 §8). All chunks are read first
 * (names must be unique over all of them), edits happen in memory, and each chunk that changed is
 * written once.
 */
import { canonical, toHex } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import {
  buildDirectoryNode,
  childEntry,
  isSameEntry,
  OVERFLOW_PROPERTIES,
  placeOf,
  randomLocation,
  resolveRelative,
  withChildren,
  type Capability,
  type ChildToWrite,
  type ChunkLocation,
  type FileProperties,
  type NamedEntry,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import type { Change, WritableHandle } from './change.ts';
import { chunkCapability } from './chain.ts';
import { directoryChunks } from './directory.ts';
import { NameAmbiguous, NotWritable } from './errors.ts';
import type { Handle } from './types.ts';

interface EditedChunk {
  /** Absent for a chunk this change adds. */
  readonly node: OpenNode | undefined;
  readonly location: ChunkLocation;
  readonly next: ChunkLocation;
  children: ChildToWrite[];
  isChanged: boolean;
}

export class FolderEdit {
  readonly folder: WritableHandle;
  readonly #change: Change;
  readonly #chunks: EditedChunk[];
  readonly #byName = new Map<string, NamedEntry>();
  /** Other clients may store several spellings of one name side by side. */
  readonly #byLook = new Map<string, NamedEntry[]>();

  /** Reads the whole list. @throws FolderDamaged when a part is unreadable: it must not be lost */
  static async load(change: Change, handle: Handle): Promise<FolderEdit> {
    const folder = await change.reopenFolder(handle);
    const chunks: EditedChunk[] = [];
    const all = directoryChunks(change.commit, folder.node, change.signal);
    for await (const { node, children } of all) {
      if (!node.next) throw new NotWritable(handle.name);
      chunks.push({
        node,
        location: node.capability,
        next: node.next,
        children: [...children],
        isChanged: false,
      });
    }
    return new FolderEdit(change, folder, chunks);
  }

  private constructor(change: Change, folder: WritableHandle, chunks: EditedChunk[]) {
    this.#change = change;
    this.folder = folder;
    this.#chunks = chunks;
    for (const { children } of chunks) children.forEach((child) => this.#learn(child));
  }

  /** Whether the name, or another spelling of it, is taken. Of `apart` only the name itself counts. */
  has(name: string, apart?: ReadonlySet<string>): boolean {
    return this.#byName.has(name) || this.#alike(name, apart).length > 0;
  }

  /** The entry of this name, else the one of another spelling. @throws NameAmbiguous */
  entry(name: string, apart?: ReadonlySet<string>): NamedEntry | undefined {
    const exact = this.#byName.get(name);
    if (exact !== undefined) return exact;
    const [found, other] = this.#alike(name, apart);
    if (other !== undefined) throw new NameAmbiguous(name);
    return found;
  }

  /** Where the child of this name lies, as {@link entry} finds it. @throws NameAmbiguous */
  childCapability(name: string, apart?: ReadonlySet<string>): Capability | undefined {
    const entry = this.entry(name, apart);
    return entry && resolveRelative(this.folder.capability, entry.capability);
  }

  children(): ChildToWrite[] {
    return this.#chunks.flatMap(({ children }) => children);
  }

  /** The entry a child of this folder gets: relative to it, with what listing shows. */
  entryFor(
    target: Capability,
    properties: Pick<FileProperties, 'name' | 'isDirectory' | 'mimeType' | 'created'>,
  ): NamedEntry {
    return childEntry(this.folder.capability, target, properties, this.#change.random);
  }

  /** Adds entries whose names are known to be free, by the rule of A-8 §8. */
  add(entries: readonly NamedEntry[]): void {
    const limit = this.#change.childrenPerChunk;
    let rest = [...entries];
    for (const entry of rest) this.#learn(entry);
    for (let i = 0; rest.length > 0; i++) {
      const chunk = this.#chunks[i] ?? this.#extend();
      const fitsWhole = chunk.children.length + rest.length <= limit;
      const isLast = i >= this.#chunks.length - 1;
      if (!fitsWhole && !isLast) continue;
      const room = Math.max(0, limit - chunk.children.length);
      if (room === 0) continue;
      chunk.children.push(...rest.slice(0, room));
      chunk.isChanged = true;
      rest = rest.slice(room);
    }
  }

  /** Takes entries out, matched by place. Empty chunks stay (A-8 §8). */
  remove(gone: readonly ChildToWrite[]): void {
    const identities = new Set(gone.map(identityOf));
    for (const chunk of this.#chunks) {
      const kept = chunk.children.filter((child) => !identities.has(identityOf(child)));
      if (kept.length === chunk.children.length) continue;
      for (const child of chunk.children) {
        if (identities.has(identityOf(child))) this.#forget(child);
      }
      chunk.children = kept;
      chunk.isChanged = true;
    }
  }

  /** Puts `after` where `before` stands. */
  replace(before: ChildToWrite, after: NamedEntry): void {
    for (const chunk of this.#chunks) {
      const at = chunk.children.findIndex((child) => isSameEntry(child, before));
      if (at === -1) continue;
      this.#forget(before);
      chunk.children[at] = after;
      chunk.isChanged = true;
      this.#learn(after);
      return;
    }
  }

  /** Writes every chunk that changed, later ones first: a list never points past its end. */
  async save(): Promise<void> {
    for (const chunk of this.#chunks.toReversed()) {
      if (chunk.isChanged) await this.#write(chunk);
    }
  }

  async #write(chunk: EditedChunk): Promise<void> {
    const change = this.#change;
    const { signer } = this.folder;
    const built = chunk.node
      ? await withChildren(chunk.node, chunk.children, change.random)
      : await this.#overflowNode(chunk);
    await change.put(signer, chunk.location.mapKey, chunk.node?.cid, built);
    chunk.isChanged = false;
  }

  #overflowNode(chunk: EditedChunk) {
    const { node, capability } = this.folder;
    const change = this.#change;
    const fields = {
      capability: chunkCapability(capability, chunk.location),
      parentKey: node.parentKey,
      next: chunk.next,
      parent: node.parent,
      properties: OVERFLOW_PROPERTIES,
      children: chunk.children,
      mirrorBatId: change.mirrorBatIdIn(this.folder),
    };
    return buildDirectoryNode(fields, change.random);
  }

  #extend(): EditedChunk {
    const last = this.#chunks[this.#chunks.length - 1] as EditedChunk;
    const chunk: EditedChunk = {
      node: undefined,
      location: last.next,
      next: randomLocation(this.#change.random),
      children: [],
      isChanged: true,
    };
    this.#chunks.push(chunk);
    return chunk;
  }

  #learn(child: ChildToWrite): void {
    if ('raw' in child || this.#byName.has(child.name)) return;
    this.#byName.set(child.name, child);
    const look = canonical(child.name);
    this.#byLook.set(look, [...(this.#byLook.get(look) ?? []), child]);
  }

  #forget(child: ChildToWrite): void {
    if ('raw' in child) return;
    const known = this.#byName.get(child.name);
    if (!known || !isSameEntry(known, child)) return;
    this.#byName.delete(child.name);
    const look = canonical(child.name);
    const others = this.#alike(child.name).filter((one) => one !== known);
    if (others.length > 0) this.#byLook.set(look, others);
    else this.#byLook.delete(look);
  }

  #alike(name: string, apart?: ReadonlySet<string>): NamedEntry[] {
    const found = this.#byLook.get(canonical(name)) ?? [];
    return apart === undefined ? found : found.filter((entry) => !apart.has(entry.name));
  }
}

/** Equal exactly for entries that are the same: by place, or by bytes when there is none to read. */
export function identityOf(child: ChildToWrite): string {
  return 'raw' in child ? toHex(encodeCbor(child.raw)) : placeOf(child.capability);
}
