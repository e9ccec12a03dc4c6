/**
 * A file system as a person thinks of it, in memory: the oracle of the simulation. It shares no
 * code with the drive, not even the rule for names of copies.
 */
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
