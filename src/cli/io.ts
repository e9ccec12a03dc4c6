/** The terminal and the process as commands see them, so that a test can stand in for both. */
import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { concat, typedEnvironment } from '#lib/bytes/index.ts';
import { writeAllSync } from '#lib/system/index.ts';
import { Misused } from './errors.ts';
import { jsonLine, showName } from './text.ts';
import type { Values } from './values.ts';

export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative local paths begin at. */
  readonly folder: string;
}

/** The process's own. */
export function processIo(): Io {
  const { stdin, stderr } = process;
  const env = typedEnvironment(process.env);
  const stdout = isFile(process.stdout.fd) ? fileOutput(process.stdout.fd) : process.stdout;
  // Each write tells its own failure; unheard, the event would end the process with a stack.
  stdout.on('error', () => undefined);
  stderr.on('error', () => undefined);
  return { stdin, stdout, stderr, env, folder: process.cwd() };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false; // it was closed before this began
  }
}

/** Node's own stream to a file does not look at how much of a piece the disk took. */
function fileOutput(descriptor: number): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      try {
        writeAllSync(descriptor, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** Writes to standard output and waits while the reader is slow. Throws when he is gone. */
export function write(io: Io, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    io.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

/** Standard input is stored in pieces of this size: four chunks. */
const STREAM_PIECE_BYTES = 20 * 1024 * 1024;

/** A stream in pieces; at least one, which may be empty. */
export async function* pieces(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isFirst = true;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue;
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < STREAM_PIECE_BYTES) continue;
    yield concat(...held);
    [held, heldBytes, isFirst] = [[], 0, false];
  }
  if (heldBytes > 0 || isFirst) yield concat(...held);
}

/** Says on standard error what went otherwise than wished, though the command goes on. */
export function warn(
  { io, values }: { readonly io: Io; readonly values: Values },
  sentence: string,
  facts: Readonly<Record<string, string>> = {},
): void {
  const message = showName(sentence);
  const isJson = values['json'] === true;
  io.stderr.write(isJson ? jsonLine({ warning: { message, ...facts } }) : `${message}\n`);
}

/** Asks a question on a terminal; what is typed is shown unless it is secret. Throws `Misused` elsewhere. */
export async function ask(
  io: Io,
  question: string,
  options: { readonly isSecret?: boolean; readonly instead: string },
): Promise<string> {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new Misused(`There is no terminal to ask on: ${options.instead}.`);
  }
  let isMuted = false;
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (!isMuted) io.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: io.stdin, output, terminal: true, historySize: 0 });
  try {
    const answer = lines.question(question);
    isMuted = options.isSecret === true;
    return await answer;
  } finally {
    lines.close();
    if (options.isSecret === true) io.stderr.write('\n');
  }
}
