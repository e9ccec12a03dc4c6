/** Renaming and other changes of properties (A-9 §6). Keys and places stay, so capabilities do. */
import {
  checkName,
  withProperties,
  type ChildToWrite,
  type FileProperties,
  type OpenNode,
  type Thumbnail,
  type Time,
} from '#lib/cryptree/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { writable, type Change } from './change.ts';
import { NameExists, NotWritable } from './errors.ts';
import type { FolderEdit } from './folder-edit.ts';
import type { Handle } from './types.ts';

export interface PropertyChange {
  readonly isHidden?: boolean;
  readonly modified?: Time;
  /** Of the node; the folder's list says it as well. */
  readonly mimeType?: string;
  readonly thumbnail?: Thumbnail | undefined;
}

/** Changes what may be changed without touching the folder. */
export async function setProperties(
  change: Change,
  handle: Handle,
  wanted: PropertyChange,
): Promise<void> {
  const fresh = await change.reopen(handle);
  if (fresh.link) await rewrite(change, fresh.link.node, linkSigner(fresh), wanted);
  await rewrite(change, fresh.node, writable(fresh).signer, wanted);
}

/**
 * Gives the child behind `entry` another name, in its own node (and its link's) and in the list,
 * which must still be saved.
 */
export async function renameIn(
  change: Change,
  edit: FolderEdit,
  entry: ChildToWrite,
  child: Handle,
  name: string,
): Promise<void> {
  checkName(name);
  if (name === child.name) return;
  // Another spelling of its own name is no other's.
  if (edit.has(name, new Set([child.name]))) throw new NameExists(name);
  await renameNodes(change, child, name);
  const shown = { ...child.properties, name };
  edit.replace(entry, edit.entryFor(child.link?.capability ?? child.capability, shown));
}

/** Writes a new name into the child's node, and into the link before it. */
export async function renameNodes(change: Change, child: Handle, name: string): Promise<void> {
  if (child.link) await rewrite(change, child.link.node, linkSigner(child), { name });
  // A link's target may be out of our reach; the link's name is the one that counts (A-8 §9).
  if (!child.link || child.signer) {
    await rewrite(change, child.node, writable(child).signer, { name });
  }
}

/** A link node lies in the space of the folder that holds it. */
export function linkSigner(child: Handle): Signer {
  const signer = child.parent?.signer;
  if (!signer?.hash.equals(child.link?.capability.writer ?? signer.hash)) {
    throw new NotWritable(child.name);
  }
  return signer;
}

async function rewrite(
  change: Change,
  node: OpenNode,
  signer: Signer,
  wanted: Partial<FileProperties>,
): Promise<void> {
  const value = withProperties(node, { ...node.properties, ...wanted }, change.random);
  await change.put(signer, node.capability.mapKey, node.cid, { value, fragments: [] });
}
