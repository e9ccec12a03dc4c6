/** `get`, `cat`: bytes out of the drive. */
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Drive, Handle } from '#lib/drive/index.ts';
import { isSet, textOf, type Call, type Command } from '../command.ts';
import { LocalExists, Misused } from '../errors.ts';
import { write } from '../io.ts';
import { localChild } from '../paths.ts';
import { startProgress } from '../progress.ts';

export const cat: Command = {
  name: 'cat',
  summary: 'Writes a file, or a range of its bytes, to standard output.',
  usage: '[--range START-END] PATH…',
  options: { range: { type: 'string' } },
  operands: [1, Infinity],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    for (const path of await call.access.paths(call.operands, call.signal)) {
      const file = await drive.resolve(path, call.signal);
      const [start, end] = byteRange(textOf(call, 'range'), file.properties.sizeBytes);
      for await (const piece of drive.read(file, start, end, call.signal)) {
        await write(call.io, piece);
      }
    }
  },
};

/** `10-19` (both included), `10-`, `-5` (the last five); half-open. Throws `Misused`. */
export function byteRange(text: string | undefined, sizeBytes: number): [number, number] {
  if (text === undefined) return [0, sizeBytes];
  const parts = /^(\d*)-(\d*)$/u.exec(text);
  const [, first = '', last = ''] = parts ?? [];
  if (parts === null || (first === '' && last === '')) {
    throw new Misused('A range is written 10-19, 10- or -5.');
  }
  if (first === '') return [Math.max(0, sizeBytes - Number(last)), sizeBytes];
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (last !== '' && Number(last) < start) throw new Misused('The range ends before it begins.');
  if (start >= sizeBytes) throw new Misused(`The file has ${sizeBytes} bytes only.`);
  return [start, end];
}

export const get: Command = {
  name: 'get',
  summary: 'Fetches files and folders; - writes to standard output.',
  usage: '[-f] PATH… [LOCAL]',
  options: { force: { type: 'boolean', short: 'f' } },
  operands: [1, Infinity],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    const { sources, local } = await places(call);
    const remote = await call.access.paths(sources, call.signal);
    const handles: Handle[] = [];
    for (const path of remote) handles.push(await drive.resolve(path, call.signal));
    if (local === '-') return toStandardOutput(call, drive, handles);
    const isInto = handles.length > 1 || (await isFolder(local));
    const bar = startProgress(call.io, isSet(call, 'quiet'));
    const total = await sizeOf(drive, handles, call.signal);
    const fetching: Fetching = {
      call,
      drive,
      doneBytes: 0,
      tell: (done, name) => bar.tell(done, total, name),
    };
    try {
      for (const handle of handles) {
        await fetch(fetching, handle, isInto ? localChild(local, handle.name) : local);
      }
    } finally {
      bar.end();
    }
  },
};

interface Fetching {
  readonly call: Call;
  readonly drive: Drive;
  doneBytes: number;
  readonly tell: (doneBytes: number, name: string) => void;
}

/** With one operand the file comes here under its own name; with more, the last is local. */
async function places({
  operands,
  io,
}: Call): Promise<{ sources: readonly string[]; local: string }> {
  if (operands.length === 1) return { sources: operands, local: resolve(io.folder) };
  const last = operands.at(-1) ?? '';
  return { sources: operands.slice(0, -1), local: last === '-' ? '-' : resolve(io.folder, last) };
}

async function toStandardOutput(
  call: Call,
  drive: Drive,
  handles: readonly Handle[],
): Promise<void> {
  for (const handle of handles) {
    for await (const piece of drive.read(handle, 0, undefined, call.signal)) {
      await write(call.io, piece);
    }
  }
}

async function fetch(fetching: Fetching, handle: Handle, place: string): Promise<void> {
  if (!handle.isDirectory) return fetchFile(fetching, handle, place);
  await mkdir(place, { recursive: true });
  const { drive, call } = fetching;
  for await (const batch of drive.list(handle, { signal: call.signal })) {
    const opened = await drive.openMany(handle, batch, call.signal);
    for (const child of opened) {
      if (child instanceof Error) throw child;
      await fetch(fetching, child, localChild(place, child.name));
    }
  }
}

/** Beside its place first, so that a broken-off transfer never looks like the file. */
async function fetchFile(fetching: Fetching, handle: Handle, place: string): Promise<void> {
  const { call, drive } = fetching;
  if (!isSet(call, 'force') && (await exists(place))) throw new LocalExists(place);
  const part = `${place}.${process.pid}.part`;
  const file = await open(part, 'wx', 0o600);
  try {
    for await (const piece of drive.read(handle, 0, undefined, call.signal)) {
      await file.writev([piece]);
      fetching.doneBytes += piece.length;
      fetching.tell(fetching.doneBytes, basename(place));
    }
    await file.close();
    const seconds = Number(handle.properties.modified.seconds);
    if (Number.isFinite(seconds)) await utimes(part, seconds, seconds);
    await rename(part, place);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

/** Bytes below all of these: what the progress bar counts. */
export async function sizeOf(
  drive: Drive,
  handles: readonly Handle[],
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  for (const handle of handles) {
    if (!handle.isDirectory) {
      bytes += handle.properties.sizeBytes;
      continue;
    }
    for await (const batch of drive.list(handle, { signal })) {
      const opened = await drive.openMany(handle, batch, signal);
      const readable = opened.filter((child): child is Handle => !(child instanceof Error));
      bytes += await sizeOf(drive, readable, signal);
    }
  }
  return bytes;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
