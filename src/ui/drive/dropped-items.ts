/**
 * Files and whole folders out of a drop or a paste, as upload items: every folder inside, empty
 * ones too. The list of a `DataTransfer` lives only as long as its event, so the entries are taken
 * from it before anything is awaited.
 */
import type { UploadItem } from '#lib/client/index.ts';

/** Everything dropped, read to its depths. Call it inside the event. */
export function readDropped(transfer: DataTransfer): Promise<UploadItem[]> {
  const found = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  return gather(found);
}

/** Files of an `<input>`; one that picks folders gives each file its path. */
export function readPicked(files: FileList): UploadItem[] {
  return [...files].map((file) => ({
    path: file.webkitRelativePath === '' ? [file.name] : file.webkitRelativePath.split('/'),
    file,
  }));
}

/** True if files are being dragged in from outside. */
export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

async function gather(
  found: readonly { entry: FileSystemEntry | null; file: File | null }[],
): Promise<UploadItem[]> {
  const items: UploadItem[] = [];
  for (const { entry, file } of found) {
    if (entry !== null) await walk(entry, [], items);
    else if (file !== null) items.push({ path: [file.name], file });
  }
  return items;
}

async function walk(entry: FileSystemEntry, above: string[], items: UploadItem[]): Promise<void> {
  const path = [...above, entry.name];
  if (isFile(entry)) {
    items.push({ path, file: await fileOf(entry) });
    return;
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  if (children.length === 0) items.push({ path });
  for (const child of children) await walk(child, path, items);
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
