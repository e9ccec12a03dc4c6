/** The opened file, all of it, as a text. */
import { READ_LIMIT_BYTES, type fileCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';
import { readText, type ReadText } from './text-form.ts';

export interface OpenedText extends ReadText {
  readonly name: string;
  readonly writable: boolean;
  readonly copies: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly draft?: Uint8Array;
}

/** Opens the file as it is now. @param encoding the one it is read by; absent: the detected one */
export async function readFile(
  file: Caller<typeof fileCalls>,
  encoding?: string,
): Promise<OpenedText> {
  const { name, sizeBytes, writable, copies, draft } = await file.call('open', []);
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at += READ_LIMIT_BYTES) {
    const piece = await file.call('read', [at, Math.min(sizeBytes, at + READ_LIMIT_BYTES)]);
    bytes.set(piece, at);
  }
  return {
    ...readText(bytes, encoding),
    name,
    writable,
    copies,
    bytes,
    ...(draft === undefined ? {} : { draft }),
  };
}
