/** `stat`, `du`: one entry in detail, and what a tree weighs. */
import { toHex } from '#lib/bytes/index.ts';
import type { Drive, Handle } from '#lib/drive/index.ts';
import { type Command } from '../command.ts';
import { write } from '../io.ts';
import { showPath } from '../paths.ts';
import { jsonLine, showBytes, showName, showTime } from '../text.ts';
import { isSet } from '../values.ts';

export const stat: Command = {
  name: 'stat',
  summary: 'Shows all that is known of a file or folder.',
  usage: '[--json] PATH…',
  operands: [1, Infinity],
  async run(call) {
    const { session } = await call.access.signedIn(call.signal);
    for (const path of await call.access.paths(call.operands, call.signal)) {
      const handle = await call.access.open(path, call.signal);
      const facts = factsOf(handle, showPath(path, session.username));
      if (isSet(call, 'json')) {
        await write(call.io, jsonLine(facts));
        continue;
      }
      const lines = [
        `   path  ${showName(facts.path)}`,
        `   type  ${facts.type === 'dir' ? 'folder' : `file, ${showName(facts.mime ?? 'of unknown type')}`}`,
        ...(facts.size === null ? [] : [`   size  ${showBytes(facts.size)} (${facts.size} bytes)`]),
        `changed  ${showTime(facts.modified_ms)}`,
        `   made  ${showTime(facts.created_ms)}`,
        ...(facts.content_hash === null ? [] : [`   hash  ${facts.content_hash}`]),
        ...(facts.hidden ? [' hidden  yes'] : []),
        ...(facts.writable ? [] : ['   note  may only be read']),
      ];
      await write(call.io, `${lines.join('\n')}\n`);
    }
  },
};

interface Facts {
  readonly path: string;
  readonly type: 'dir' | 'file';
  readonly size: number | null;
  readonly mime: string | null;
  readonly modified_ms: number;
  readonly created_ms: number;
  readonly hidden: boolean;
  readonly writable: boolean;
  readonly thumbnail: boolean;
  readonly content_hash: string | null;
}

function factsOf({ isDirectory, properties, signer }: Handle, path: string): Facts {
  const ms = (time: { seconds: number | bigint; nanos: number }): number =>
    Number(time.seconds) * 1000 + Math.floor(time.nanos / 1e6);
  const root = properties.hashBranch?.root;
  return {
    path,
    type: isDirectory ? 'dir' : 'file',
    size: isDirectory ? null : properties.sizeBytes,
    mime: properties.mimeType === '' ? null : properties.mimeType,
    modified_ms: ms(properties.modified),
    created_ms: ms(properties.created),
    hidden: properties.isHidden,
    writable: signer !== undefined,
    thumbnail: properties.thumbnail !== undefined,
    content_hash: root === undefined ? null : toHex(root),
  };
}

export const du: Command = {
  name: 'du',
  summary: 'Adds up the sizes of all files below a folder.',
  usage: '[--json] [PATH…]',
  operands: [0, Infinity],
  async run(call) {
    const { drive, session } = await call.access.signedIn(call.signal);
    const paths = await call.access.paths(call.operands, call.signal);
    for (const path of paths.length === 0 ? [call.access.folder] : paths) {
      const top = await call.access.open(path, call.signal);
      const weight = await weigh(drive, top, call.signal);
      const shown = showPath(path, session.username);
      const line = {
        path: shown,
        bytes: weight.bytes,
        files: weight.files,
        folders: weight.folders,
      };
      const text = isSet(call, 'json')
        ? jsonLine(line)
        : `${showBytes(weight.bytes).padStart(9)}  ${weight.files} files  ${showName(shown)}\n`;
      await write(call.io, text);
    }
  },
};

interface Weight {
  bytes: number;
  files: number;
  folders: number;
}

async function weigh(drive: Drive, handle: Handle, signal: AbortSignal): Promise<Weight> {
  if (!handle.isDirectory) return { bytes: handle.properties.sizeBytes, files: 1, folders: 0 };
  const sum: Weight = { bytes: 0, files: 0, folders: 1 };
  for await (const batch of drive.list(handle, { signal })) {
    for (const child of await drive.openMany(handle, batch, signal)) {
      if (child instanceof Error) continue;
      const below = await weigh(drive, child, signal);
      sum.bytes += below.bytes;
      sum.files += below.files;
      sum.folders += below.folders;
    }
  }
  return sum;
}
