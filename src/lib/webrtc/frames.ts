/**
 * Messages of a stream on a data channel (libp2p's specification of WebRTC, multiplexing): a varint
 * length, then protobuf with an optional flag (field 1) and optional bytes (field 2). What arrives
 * is hostile.
 */
import { concat, decodeVarint, encodeVarint, MalformedBytes } from '#lib/bytes/index.ts';
import { MalformedPeerData } from './errors.ts';

/** What a flag says of its sender. */
export const FLAG = {
  /** Sends nothing more. */
  fin: 0,
  /** Reads nothing more. */
  stopSending: 1,
  /** Breaks off. */
  reset: 2,
  /** Has received the flag `fin`. */
  finAck: 3,
} as const;

/** A frame with its length. */
const MAX_FRAME_BYTES = 16 * 1024;
/** Length, flag, tag and length of the bytes. */
const OVERHEAD_BYTES = 8;
export const MAX_DATA_BYTES = MAX_FRAME_BYTES - OVERHEAD_BYTES;
/**
 * What goes into a frame to a node: go-libp2p 0.49, and so Kubo, reads each message of a channel into
 * 4,096 bytes and breaks off the stream of a longer one.
 */
export const TO_NODE_DATA_BYTES = 4096 - OVERHEAD_BYTES;

const FLAG_TAG = 0x08;
const DATA_TAG = 0x12;
const VARINT = 0;
const BYTES = 2;

export interface Frame {
  readonly flag?: number;
  readonly data?: Uint8Array;
}

/** A frame with its length in front. `data` has at most {@link MAX_DATA_BYTES}. */
export function encodeFrame({ flag, data }: Frame): Uint8Array {
  const flagged = flag === undefined ? new Uint8Array() : Uint8Array.of(FLAG_TAG, flag);
  if (data === undefined) return concat(encodeVarint(flagged.length), flagged);
  if (data.length > MAX_DATA_BYTES) throw new RangeError('too much for one frame');
  const size = encodeVarint(data.length);
  const length = flagged.length + 1 + size.length + data.length;
  return concat(encodeVarint(length), flagged, Uint8Array.of(DATA_TAG), size, data);
}

/** Cuts what arrives into frames. */
export class FrameDecoder {
  #rest = new Uint8Array();

  /** The frames that are complete now. Throws {@link MalformedPeerData}; nothing may follow then. */
  *add(piece: Uint8Array): Generator<Frame> {
    let bytes = this.#rest.length === 0 ? piece : concat(this.#rest, piece);
    for (;;) {
      const whole = cut(bytes);
      if (whole === undefined) break;
      bytes = bytes.subarray(whole.next);
      yield decodeFrame(whole.frame);
    }
    this.#rest = bytes.slice();
  }
}

/** The first frame, and where the next one begins; undefined if it is not complete. */
function cut(bytes: Uint8Array): { frame: Uint8Array; next: number } | undefined {
  // Two bytes of a varint say more than a frame may have.
  const lengthBytes = bytes.findIndex((byte) => byte < 0x80) + 1;
  if (lengthBytes === 0 && bytes.length < 3) return undefined;
  const { value, next } = varint(bytes, 0);
  if (value > MAX_FRAME_BYTES - next) throw new MalformedPeerData('A frame is too long.');
  if (bytes.length < next + value) return undefined;
  return { frame: bytes.subarray(next, next + value), next: next + value };
}

function decodeFrame(frame: Uint8Array): Frame {
  let found: Frame = {};
  for (const { field, value } of protobufFields(frame)) {
    if (field === 1 && typeof value === 'number') found = { ...found, flag: value };
    if (field === 2 && typeof value === 'object') found = { ...found, data: value };
  }
  return found;
}

/**
 * The fields of a protobuf message that are varints or bytes, in order. Throws
 * {@link MalformedPeerData}, also for the other kinds of fields, which no message here has.
 */
export function* protobufFields(
  message: Uint8Array,
): Generator<{ readonly field: number; readonly value: number | Uint8Array }> {
  for (let at = 0; at < message.length;) {
    const tag = varint(message, at);
    const kind = tag.value % 8;
    const { value, next } = varint(message, tag.next);
    if (kind !== VARINT && kind !== BYTES) throw new MalformedPeerData('A field is of no use.');
    at = kind === VARINT ? next : next + value;
    if (at > message.length) throw new MalformedPeerData('A message ends early.');
    yield {
      field: Math.floor(tag.value / 8),
      value: kind === VARINT ? value : message.subarray(next, at),
    };
  }
}

function varint(bytes: Uint8Array, offset: number): { value: number; next: number } {
  try {
    const { value, next } = decodeVarint(bytes, offset);
    if (typeof value === 'number') return { value, next };
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
  }
  throw new MalformedPeerData('A message holds a malformed number.');
}
