/** Walking the own tree within a change. */
import { childIn, ensureFolder, readSmall, type Change, type Handle } from '#lib/drive/index.ts';
import { RECORD_MAX_BYTES } from './records.ts';

/** What lies at names below a folder, as it is in this change. */
export async function openPath(
  change: Change,
  from: Handle,
  names: readonly string[],
): Promise<Handle | undefined> {
  let at: Handle | undefined = from;
  for (const name of names) {
    if (at === undefined || !at.isDirectory) return undefined;
    at = await childIn(change, at, name);
  }
  return at;
}

/** The folder at names below a folder; those that are missing are made, hidden unless said. */
export async function ensurePath(
  change: Change,
  from: Handle,
  names: readonly string[],
  options: { readonly isHidden?: boolean } = {},
): Promise<Handle> {
  let at = from;
  for (const name of names) at = await ensureFolder(change, at, name, options);
  return at;
}

/** The bytes of one of our records; undefined if there is none. */
export async function readRecord(
  change: Change,
  folder: Handle,
  name: string,
): Promise<Uint8Array | undefined> {
  const file = await childIn(change, folder, name);
  return file && readSmall(change, file, RECORD_MAX_BYTES);
}
