/**
 * Files and whole folders out of a drop or a paste, as upload items: every folder inside, empty
 * ones too. The list of a `DataTransfer` lives only as long as its event, so the entries are taken
 * from it before anything is awaited.
 */
import type { FileOrigin, PickedItem } from '../app/kept-files.ts';

/** Everything dropped, read to its depths. Call it inside the event. */
export function readDropped(transfer: DataTransfer): Promise<PickedItem[]> {
  const found = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
      handle: handleOf(item),
    }));
  return gather(found);
}

/** Files of an `<input>`; one that picks folders gives each file its path. */
export function readPicked(files: FileList): PickedItem[] {
  return [...files].map((file) => ({
    path: file.webkitRelativePath === '' ? [file.name] : file.webkitRelativePath.split('/'),
    file,
  }));
}

/** True if files are being dragged in from outside. */
export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

async function gather(found: readonly Found[]): Promise<PickedItem[]> {
  const items: PickedItem[] = [];
  for (const { entry, file, handle } of found) {
    const origin = (await handle) ?? undefined;
    if (entry !== null) await walk(entry, [], origin, items);
    else if (file !== null) items.push(withOrigin({ path: [file.name], file }, origin));
  }
  return items;
}

interface Found {
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
  readonly handle: Promise<FileSystemHandle | null>;
}

/** What some browsers have beyond the types of the platform. */
interface HandleGiver {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Null where the browser has none for it. */
async function handleOf(item: DataTransferItem & HandleGiver): Promise<FileSystemHandle | null> {
  return (await item.getAsFileSystemHandle?.().catch(() => null)) ?? null;
}

/** Below what was dropped the first name is that of the thing itself. */
function withOrigin(item: PickedItem, handle: FileSystemHandle | undefined): PickedItem {
  const below = item.path.slice(1);
  const origin: FileOrigin | undefined = handle && { handle, below };
  return origin === undefined ? item : { ...item, origin };
}

async function walk(
  entry: FileSystemEntry,
  above: string[],
  origin: FileSystemHandle | undefined,
  items: PickedItem[],
): Promise<void> {
  const path = [...above, entry.name];
  if (isFile(entry)) {
    items.push(withOrigin({ path, file: await fileOf(entry) }, origin));
    return;
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  if (children.length === 0) items.push({ path });
  for (const child of children) await walk(child, path, origin, items);
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives about a hundred at a time, and nothing when it is done. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
