/** `write`, `append`: bytes into a file that is in the drive already. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  bytesSource,
  NotAFile,
  RangeOutsideFile,
  type ByteSource,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { pieces } from '../io.ts';
import { localFile } from '../local-file.ts';
import { startProgress } from '../progress.ts';
import { isSet, textOf } from '../values.ts';

export const writeCommand: Command = {
  name: 'write',
  summary: 'Writes over a part of a file; - reads standard input.',
  usage: '--at POSITION LOCAL PATH',
  options: { at: { type: 'string' } },
  operands: [2, 2],
  movesContents: true,
  async run(call) {
    const start = positionOf(call);
    const { drive, file } = await fileOf(call);
    const { sizeBytes } = file.properties;
    if (start > sizeBytes) {
      throw new Misused(`The file has ${sizeBytes} bytes: --at is ${sizeBytes} at most.`);
    }
    let at = start;
    await each(call, async (source, onProgress) => {
      const options = { signal: call.signal, onProgress };
      await drive.overwrite(file, at, source, options).catch((error: unknown) => {
        if (!(error instanceof RangeOutsideFile)) throw error;
        throw new Misused('Somebody made the file shorter meanwhile.', { cause: error });
      });
      at += source.sizeBytes;
    });
  },
};

export const append: Command = {
  name: 'append',
  summary: 'Adds to the end of a file; - reads standard input.',
  usage: 'LOCAL PATH',
  operands: [2, 2],
  movesContents: true,
  async run(call) {
    const { drive, file } = await fileOf(call);
    await each(call, async (source, onProgress) => {
      await drive.append(file, source, { signal: call.signal, onProgress });
    });
  },
};

function positionOf(call: Call): number {
  const text = textOf(call, 'at') ?? '';
  const position = /^\d+$/u.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(position)) return position;
  throw new Misused('Say with --at at which byte to begin, counted from 0.');
}

async function fileOf(call: Call): Promise<{ readonly drive: Drive; readonly file: Handle }> {
  const { access, operands, signal } = call;
  const { drive } = await access.signedIn(signal);
  const [path = []] = await access.paths(operands.slice(1), signal);
  const file = await access.open(path, signal);
  if (file.isDirectory) throw new NotAFile(file.name);
  return { drive, file };
}

type Work = (source: ByteSource, onProgress: (doneBytes: number) => void) => Promise<void>;

/** A file of this disk at once, standard input piece by piece. */
async function each(call: Call, work: Work): Promise<void> {
  const { io, operands, isShell } = call;
  const [local = ''] = operands;
  const bar = startProgress(io, isSet(call, 'quiet'));
  try {
    if (local !== '-') {
      const source = await sourceOf(call, local);
      await work(source, (done) => bar.tell(done, source.sizeBytes, local));
      return;
    }
    if (isShell === true) {
      throw new Misused('Standard input is what the shell reads its commands from.');
    }
    for await (const piece of pieces(io.stdin)) await work(bytesSource(piece), () => undefined);
  } finally {
    bar.end();
  }
}

async function sourceOf({ io }: Call, local: string): Promise<ByteSource> {
  if (local === '') throw new Misused('A path is empty.');
  const place = resolve(io.folder, local);
  const found = await stat(place, { bigint: true });
  if (!found.isFile()) throw new Misused(`${place} is no file.`);
  return localFile(place, found);
}
