/**
 * Which protocol a stream speaks: multistream-select 1.0.0, whose messages are lines with a varint
 * length before them. The side that opens the stream proposes, here only {@link HTTP_PROTOCOL}.
 */
import { concat, encodeVarint, fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { MalformedPeerData } from './errors.ts';
import type { StreamReader } from './reader.ts';

/** HTTP/1.1 between nodes of the Peergos network; one request a stream. */
export const HTTP_PROTOCOL = '/http';
const MULTISTREAM = '/multistream/1.0.0';
const NOT_AVAILABLE = 'na';
const MAX_LINE_BYTES = 256;
/** Proposals that are answered; who has made so many speaks nothing that is known here. */
const MAX_PROPOSALS = 8;

/** What the side that opens sends, with which its request may follow at once. */
export function proposal(): Uint8Array {
  return concat(message(MULTISTREAM), message(HTTP_PROTOCOL));
}

/** Reads that the proposal was accepted. Rejects with {@link MalformedPeerData} if it was not. */
export async function expectAcceptance(reader: StreamReader): Promise<void> {
  for (const expected of [MULTISTREAM, HTTP_PROTOCOL]) {
    if ((await readMessage(reader)) !== expected) {
      throw new MalformedPeerData('The node does not speak HTTP over such connections.');
    }
  }
}

/** Answers proposals until one is {@link HTTP_PROTOCOL}. Rejects with {@link MalformedPeerData}. */
export async function accept(
  reader: StreamReader,
  send: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  if ((await readMessage(reader)) !== MULTISTREAM) throw unknownProtocol();
  await send(message(MULTISTREAM));
  for (let i = 0; i < MAX_PROPOSALS; i++) {
    const isHttp = (await readMessage(reader)) === HTTP_PROTOCOL;
    await send(message(isHttp ? HTTP_PROTOCOL : NOT_AVAILABLE));
    if (isHttp) return;
  }
  throw unknownProtocol();
}

function message(text: string): Uint8Array {
  const line = utf8(`${text}\n`);
  return concat(encodeVarint(line.length), line);
}

async function readMessage(reader: StreamReader): Promise<string> {
  const line = await reader.lengthPrefixed(MAX_LINE_BYTES);
  if (line.at(-1) !== 0x0a) throw unknownProtocol();
  try {
    return fromUtf8(line.subarray(0, -1));
  } catch (error) {
    if (error instanceof PyrgosError) throw unknownProtocol();
    throw error;
  }
}

function unknownProtocol(): MalformedPeerData {
  return new MalformedPeerData('A stream speaks no protocol that is known here.');
}
