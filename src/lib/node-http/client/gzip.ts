/** Unpacking the list of names, the one compressed answer (B-1 §1.5), up to a size limit. */
import { MalformedAnswer } from '#lib/protocol/index.ts';
import { readBody } from './parse-response.ts';
import { incomingOf } from './http-types.ts';

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

export async function gunzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const unpacked = new Response(packed.pipeThrough(new DecompressionStream('gzip')));
  try {
    return await readBody(incomingOf(unpacked), maxBytes, new AbortController().signal);
  } catch (error) {
    if (error instanceof MalformedAnswer) throw error;
    throw new MalformedAnswer('The list of names cannot be unpacked.', { cause: error });
  }
}
