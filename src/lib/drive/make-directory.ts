/** Making directories (A-9 §1). */
import {
  buildDirectoryNode,
  checkName,
  parentLinkTo,
  randomLocation,
  type Capability,
  type FileProperties,
} from '#lib/cryptree/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import type { Change } from './change.ts';
import { FolderEdit } from './folder-edit.ts';
import { NameExists } from './errors.ts';
import type { Handle } from './types.ts';

/** Makes an empty directory in `folder`; `apart` are names that are ignored when looking for a clash. @throws NameExists, BadFileName */
export async function makeDirectory(
  change: Change,
  folder: Handle,
  name: string,
  isHidden: boolean,
  apart?: ReadonlySet<string>,
): Promise<Handle> {
  checkName(name);
  const edit = await FolderEdit.load(change, folder);
  if (edit.has(name, apart)) throw new NameExists(name);
  const capability = await putDirectory(change, edit, name, isHidden);
  await edit.save();
  return change.openChild(edit.folder, name, capability);
}

/**
 * Puts a new empty directory and its entry into `edit`, whose list must still be saved. Its read key
 * is drawn unless one is given (C-1 §1.5).
 */
export async function putDirectory(
  change: Change,
  edit: FolderEdit,
  name: string,
  isHidden: boolean,
  readKey?: SymmetricKey,
): Promise<Capability> {
  const { random } = change;
  const { folder } = edit;
  const { owner, writer } = folder.capability;
  const capability: Capability = {
    owner,
    writer,
    readKey: readKey ?? SymmetricKey.random(random),
    writeKey: SymmetricKey.random(random),
    ...randomLocation(random),
  };
  const now = change.now();
  const properties: FileProperties = {
    name,
    isDirectory: true,
    isLink: false,
    mimeType: '',
    sizeBytes: 0,
    modified: now,
    created: now,
    isHidden,
  };
  const fields = {
    capability,
    parentKey: SymmetricKey.random(random),
    next: randomLocation(random),
    parent: parentLinkTo(folder.node, writer),
    properties,
    children: [],
    mirrorBatId: change.mirrorBatIdIn(folder),
  };
  const built = await buildDirectoryNode(fields, random);
  await change.put(folder.signer, capability.mapKey, undefined, built);
  edit.add([edit.entryFor(capability, properties)]);
  return capability;
}
