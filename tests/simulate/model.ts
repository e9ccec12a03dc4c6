/**
 * A file system as a person thinks of it, in memory: the oracle of the simulation. It shares no
 * code with the drive, not even the rule for names of copies.
 */
import type { ConflictChoice } from '#lib/drive/index.ts';

export interface ModelFile {
  readonly kind: 'file';
  bytes: Uint8Array;
  hidden: boolean;
  modifiedMs: number;
  createdMs: number;
  /** True when the drive must know a content hash; whenever it claims one, it must be right. */
  isHashed: boolean;
}
export interface ModelFolder {
  readonly kind: 'folder';
  hidden: boolean;
  readonly children: Map<string, ModelNode>;
}
export type ModelNode = ModelFile | ModelFolder;

export const newFolder = (hidden = false): ModelFolder => ({
  kind: 'folder',
  hidden,
  children: new Map(),
});

/** An upload of one file that is known to succeed. */
export function store(
  folder: ModelFolder,
  name: string,
  content: Pick<ModelFile, 'bytes' | 'modifiedMs' | 'hidden'>,
  onConflict: ConflictChoice | undefined,
): void {
  const { bytes, modifiedMs } = content;
  const existing = folder.children.get(name);
  if (existing && onConflict === 'skip') return;
  if (existing?.kind === 'file' && onConflict === 'replace') {
    if (isEqual(existing.bytes, bytes) && existing.isHashed) return;
    Object.assign(existing, { bytes, modifiedMs, isHashed: true });
    return;
  }
  const file: ModelFile = { kind: 'file', ...content, createdMs: modifiedMs, isHashed: true };
  folder.children.set(unusedName(folder, name), file);
}

/** Writes bytes at `start`; the file grows if need be. */
export function rewrite(file: ModelFile, start: number, bytes: Uint8Array, nowMs: number): void {
  if (bytes.length === 0) return;
  const grown = new Uint8Array(Math.max(file.bytes.length, start + bytes.length));
  grown.set(file.bytes);
  grown.set(bytes, start);
  file.isHashed = start === 0 && bytes.length >= file.bytes.length;
  file.bytes = grown;
  file.modifiedMs = nowMs;
}

/** Cuts the file to fewer bytes. */
export function cut(file: ModelFile, sizeBytes: number, chunkBytes: number, nowMs: number): void {
  file.bytes = file.bytes.slice(0, sizeBytes);
  file.isHashed = sizeBytes < chunkBytes;
  file.modifiedMs = nowMs;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** All folders below `root` and itself, by path. */
export function foldersOf(root: ModelFolder): { path: string[]; folder: ModelFolder }[] {
  return walk(root).flatMap(({ path, node }) =>
    node.kind === 'folder' ? [{ path, folder: node }] : [],
  );
}

/** All files below `root`, by path. */
export function filesOf(root: ModelFolder): { path: string[]; file: ModelFile }[] {
  return walk(root).flatMap(({ path, node }) =>
    node.kind === 'file' ? [{ path, file: node }] : [],
  );
}

/** Everything below `root`, itself first; parents before children. */
export function walk(root: ModelNode, path: string[] = []): { path: string[]; node: ModelNode }[] {
  const found = [{ path, node: root }];
  if (root.kind === 'folder') {
    for (const [name, child] of root.children) found.push(...walk(child, [...path, name]));
  }
  return found;
}

/** A deep copy that shares nothing. Copies keep the time of their content. */
export function cloneOf(node: ModelNode): ModelNode {
  if (node.kind === 'file') return { ...node, bytes: node.bytes.slice() };
  const copy = newFolder(node.hidden);
  for (const [name, child] of node.children) copy.children.set(name, cloneOf(child));
  return copy;
}

/** The first of “a.txt”, “a (copy).txt”, “a (copy 2).txt” … that `folder` does not hold. */
export function unusedName(folder: ModelFolder, name: string): string {
  const match = /^(.+)(\.[^.]+)$/su.exec(name);
  const [base, extension] = match ? [match[1] ?? '', match[2] ?? ''] : [name, ''];
  if (!folder.children.has(name)) return name;
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? `${base} (copy)${extension}` : `${base} (copy ${n})${extension}`;
    if (!folder.children.has(candidate)) return candidate;
  }
}

/** The error an upload of this name must end with, if any. */
export function uploadError(
  existing: ModelNode | undefined,
  onConflict: ConflictChoice | undefined,
): string | undefined {
  if (!existing) return undefined;
  if (!onConflict) return 'NameExists';
  return onConflict === 'replace' && existing.kind === 'folder' ? 'NameExists' : undefined;
}

/** True if at least one is a folder: those are never replaced. */
export function isFolderInvolved(a: ModelNode, b: ModelNode): boolean {
  return a.kind === 'folder' || b.kind === 'folder';
}

/** True if no file stands where the path needs a folder, and no folder where it needs a file. */
export function isClearPath(folder: ModelFolder, path: readonly string[]): boolean {
  let at: ModelNode | undefined = folder;
  for (const name of path.slice(0, -1)) {
    at = at.children.get(name);
    if (!at) return true;
    if (at.kind === 'file') return false;
  }
  return at.children.get(path.at(-1)!)?.kind !== 'folder';
}

/** The folder at this path, made if need be. */
export function ensure(folder: ModelFolder, path: readonly string[]): ModelFolder {
  let at = folder;
  for (const name of path) {
    const next = at.children.get(name) ?? newFolder();
    at.children.set(name, next);
    at = next as ModelFolder;
  }
  return at;
}
