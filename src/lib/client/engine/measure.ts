/** The size of folders: counted by walking them, until the caller aborts. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Drive, Handle } from '#lib/drive/index.ts';
import type { FolderSum } from '../types.ts';
import { abortable, type Folders } from './files/folders.ts';

/** A sum is told this often while it grows. */
const TELL_MS = 150;

export interface MeasureDeps {
  readonly drive: Drive;
  readonly folders: Folders;
  readonly clock: () => number;
}

/** Adds up what lies in these entries. What cannot be read is counted apart. */
export async function measure(
  { drive, folders, clock }: MeasureDeps,
  ids: readonly string[],
  onSum: (sum: FolderSum) => void,
  signal?: AbortSignal,
): Promise<FolderSum> {
  const sum = { bytes: 0, files: 0, folders: 0, unreadable: 0 };
  let toldMs = clock();
  const open: Handle[] = [];
  const add = (handle: Handle | PyrgosError): void => {
    if (handle instanceof PyrgosError) sum.unreadable += 1;
    else if (handle.isDirectory) open.push(handle);
    else {
      sum.files += 1;
      sum.bytes += handle.properties.sizeBytes;
    }
  };
  for (const handle of await folders.openAll(ids, signal)) add(handle);
  sum.folders -= open.length; // those that were asked about are not in themselves
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    sum.folders += 1;
    try {
      for await (const rows of drive.list(folder, abortable(signal))) {
        for (const handle of await drive.openMany(folder, rows, signal)) add(handle);
        if (clock() - toldMs < TELL_MS) continue;
        toldMs = clock();
        onSum({ ...sum, folders: Math.max(0, sum.folders) });
      }
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      sum.unreadable += 1; // the rest of a damaged folder
    }
  }
  return { ...sum };
}
