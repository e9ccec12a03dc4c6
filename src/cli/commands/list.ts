/** `ls`: what is in a folder. */
import type { Drive, Handle, ListedEntry } from '#lib/drive/index.ts';
import { type Call, type Command } from '../command.ts';
import { write } from '../io.ts';
import { showPath } from '../paths.ts';
import { jsonLine, showBytes, showName, showTime } from '../text.ts';
import { isSet } from '../values.ts';

/** Rows whose sizes are asked for together. */
const BATCH = 100;

export const list: Command = {
  name: 'ls',
  summary: 'Lists folders.',
  usage: '[-R] [-a] [-l] [--json] [PATH…]',
  options: {
    recursive: { type: 'boolean', short: 'R' },
    all: { type: 'boolean', short: 'a' },
    long: { type: 'boolean', short: 'l' },
  },
  operands: [0, Infinity],
  async run(call) {
    const { drive, session } = await call.access.signedIn(call.signal);
    const listed: Listed = { drive, show: (path) => showPath(path, session.username) };
    const { folder } = call.access;
    const paths = await call.access.paths(call.operands, call.signal);
    const isTitled = paths.length > 1 || isSet(call, 'recursive');
    for (const path of paths.length === 0 ? [folder] : paths) {
      const handle = await call.access.open(path, call.signal);
      await listEntry(call, listed, path, handle, isTitled);
    }
  },
};

/** Where entries come from, and how their paths are written. */
export interface Listed {
  readonly drive: Drive;
  readonly show: (path: readonly string[]) => string;
}

/** What is in a folder, or the row of a file. */
export async function listEntry(
  call: Call,
  listed: Listed,
  path: readonly string[],
  handle: Handle,
  isTitled: boolean,
): Promise<void> {
  if (handle.isDirectory) await listFolder(call, listed, path, handle, isTitled);
  else await printRow(call, listed, path, rowOf(handle));
}

/** What is shown of an entry. */
interface Row {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isHidden: boolean;
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number | undefined;
  readonly mimeType: string;
  readonly error?: string;
}

async function listFolder(
  call: Call,
  listed: Listed,
  path: readonly string[],
  folder: Handle,
  isTitled: boolean,
): Promise<void> {
  const isJson = isSet(call, 'json');
  if (isTitled && !isJson) {
    await write(call.io, `${showName(listed.show(path))}:\n`);
  }
  const below: [readonly string[], Handle][] = [];
  for await (const [row, handle] of rowsOf(listed.drive, folder, call.signal)) {
    if (row.isHidden && !isSet(call, 'all')) continue;
    await printRow(call, listed, [...path, row.name], row);
    if (handle?.isDirectory === true) below.push([[...path, row.name], handle]);
  }
  if (isTitled && !isJson) await write(call.io, '\n');
  if (!isSet(call, 'recursive')) return;
  for (const [place, handle] of below) await listFolder(call, listed, place, handle, isTitled);
}

/** Every entry of a folder by name, opened in few questions. */
async function* rowsOf(
  drive: Drive,
  folder: Handle,
  signal: AbortSignal,
): AsyncGenerator<[Row, Handle | undefined]> {
  const entries: ListedEntry[] = [];
  for await (const batch of drive.list(folder, { signal })) entries.push(...batch);
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (let at = 0; at < entries.length; at += BATCH) {
    const part = entries.slice(at, at + BATCH);
    const handles = await drive.openMany(folder, part, signal);
    for (const [i, entry] of part.entries()) {
      const handle = handles[i];
      if (handle === undefined || handle instanceof Error) {
        yield [brokenRow(entry, handle), undefined];
      } else yield [rowOf(handle), handle];
    }
  }
}

function rowOf({ name, isDirectory, properties }: Handle): Row {
  const { isHidden, sizeBytes, mimeType, modified } = properties;
  const modifiedMs = Number(modified.seconds) * 1000 + Math.floor(modified.nanos / 1e6);
  return {
    name,
    isFolder: isDirectory,
    isHidden,
    sizeBytes: isDirectory ? undefined : sizeBytes,
    modifiedMs,
    mimeType,
  };
}

function brokenRow(entry: ListedEntry, error: Error | undefined): Row {
  return {
    name: entry.name,
    isFolder: entry.isDirectory,
    isHidden: false,
    sizeBytes: undefined,
    modifiedMs: undefined,
    mimeType: entry.mimeType,
    error: error?.message ?? entry.unreadable ?? 'This entry cannot be opened.',
  };
}

async function printRow(
  call: Call,
  { show }: Listed,
  path: readonly string[],
  row: Row,
): Promise<void> {
  if (isSet(call, 'json')) {
    const line = {
      path: show(path),
      name: row.name,
      type: row.isFolder ? 'dir' : 'file',
      size: row.sizeBytes ?? null,
      mime: row.mimeType === '' ? null : row.mimeType,
      modified_ms: row.modifiedMs ?? null,
      hidden: row.isHidden,
      ...(row.error === undefined ? {} : { error: row.error }),
    };
    return write(call.io, jsonLine(line));
  }
  const name = `${showName(row.name)}${row.isFolder ? '/' : ''}`;
  const note = row.error === undefined ? '' : `  (${showName(row.error)})`;
  if (!isSet(call, 'long')) return write(call.io, `${name}${note}\n`);
  const size = (row.sizeBytes === undefined ? '-' : showBytes(row.sizeBytes)).padStart(9);
  const time = row.modifiedMs === undefined ? ' '.repeat(16) : showTime(row.modifiedMs);
  return write(call.io, `${size}  ${time}  ${name}${note}\n`);
}
