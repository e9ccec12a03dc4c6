/**
 * Reading what a node answered: bounded while it arrives, and of the form the protocol gives it
 * (B-1 §2). Everything here is hostile; what is not as it should be is a {@link MalformedAnswer}.
 */
import { concat, fromUtf8, PyrgosError } from '#lib/bytes/index.ts';
import { asBoolean, Cid, decodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { MalformedAnswer, NodeUnreachable } from '#lib/protocol/index.ts';
import { FrameReader } from '../wire/framing.ts';
import type { Incoming } from './http-types.ts';

/** What the small calls may answer; generous, and nothing a device would notice. */
export const SMALL_ANSWER_BYTES = 256 * 1024;

/** A body is collected in one piece when it says its length, unless that is beyond this. */
const BELIEVED_BYTES = 8 * 1024 * 1024;

/** The least pace of an answer. */
export interface Pace {
  /** Between two pieces. */
  readonly idleMs: number;
  /** An answer may take this long, and as long beside as `bytesPerSecond` takes for what has come. */
  readonly graceMs: number;
  readonly bytesPerSecond: number;
}

/** The rate that a server also requires of uploads: a line of 70 kbit/s. */
export const PACE: Pace = { idleMs: 15_000, graceMs: 30_000, bytesPerSecond: 8 * 1024 };

type Body = Pick<Incoming, 'headers' | 'receive' | 'leave'>;

/** What an answer is read into while it arrives; may throw {@link MalformedAnswer}. */
export interface Sink {
  /** The piece is lent for that moment. */
  add(piece: Uint8Array): void;
}

/** The whole body, of at most `maxBytes`. What is longer is not read. */
export async function readBody(
  body: Body,
  maxBytes: number,
  signal: AbortSignal,
  pace = PACE,
): Promise<Uint8Array> {
  const saidBytes = saidLength(body);
  const isBelieved = saidBytes > 0 && saidBytes <= Math.min(maxBytes, BELIEVED_BYTES);
  const collected = new Collected(isBelieved ? Math.floor(saidBytes) : 0);
  await readInto(collected, body, maxBytes, signal, pace);
  return collected.bytes();
}

/** As {@link readBody}, piece by piece. Rejects with `NodeUnreachable` below the least pace. */
export async function readInto(
  sink: Sink,
  body: Body,
  maxBytes: number,
  signal: AbortSignal,
  pace = PACE,
): Promise<void> {
  const { receive, leave } = body;
  signal.addEventListener('abort', leave, { once: true });
  const watch = new PaceWatch(pace);
  let length = 0;
  const requireFits = (bytes: number): void => {
    if (!(bytes > maxBytes)) return;
    throw new MalformedAnswer(`The server answered more than ${maxBytes} bytes.`);
  };
  try {
    requireFits(saidLength(body));
    const received = receive((piece) => {
      length += piece.length;
      requireFits(length);
      sink.add(piece);
      watch.took(length);
    });
    received.catch(() => undefined); // seen below, unless it is too slow for that
    await Promise.race([received, watch.tooSlow]);
  } catch (error) {
    leave();
    throw error;
  } finally {
    watch.end();
  }
}

/** Says when an answer falls behind; the timer begins anew with each piece that is worth it. */
class PaceWatch {
  readonly #pace: Pace;
  readonly #startMs = performance.now();
  readonly tooSlow: Promise<never>;
  #fail: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #length = 0;
  #lastMs = this.#startMs;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.tooSlow = new Promise((_, reject) => {
      const message = 'The server sends its answer too slowly.';
      this.#fail = () => reject(new NodeUnreachable(message, { isTooSlow: true }));
    });
    this.#wait();
  }

  took(length: number): void {
    this.#length = length;
    this.#lastMs = performance.now();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const { idleMs, graceMs, bytesPerSecond } = this.#pace;
    const byPaceMs = this.#startMs + graceMs + (this.#length / bytesPerSecond) * 1000;
    const waitMs = Math.min(this.#lastMs + idleMs, byPaceMs) - performance.now();
    if (waitMs <= 0) this.#fail();
    else this.#timer = setTimeout(() => this.#wait(), waitMs);
  }
}

function saidLength({ headers }: Body): number {
  return headers.has('content-encoding') ? 0 : Number(headers.get('content-length'));
}

/** Pieces of bytes, put in their place at once as far as there is room for what was announced. */
class Collected implements Sink {
  readonly #room: Uint8Array;
  readonly #beyond: Uint8Array[] = [];
  #filled = 0;

  constructor(expectedBytes: number) {
    this.#room = new Uint8Array(expectedBytes);
  }

  add(piece: Uint8Array): void {
    if (this.#beyond.length === 0 && this.#filled + piece.length <= this.#room.length) {
      this.#room.set(piece, this.#filled);
      this.#filled += piece.length;
    } else this.#beyond.push(piece);
  }

  bytes(): Uint8Array {
    const [first] = this.#beyond;
    if (first === undefined) {
      const { length } = this.#room;
      return this.#filled === length ? this.#room : this.#room.slice(0, this.#filled);
    }
    const isAlone = this.#filled === 0 && this.#beyond.length === 1;
    return isAlone ? first : concat(this.#room.subarray(0, this.#filled), ...this.#beyond);
  }
}

/** Runs a parser; whatever it refuses by name becomes a {@link MalformedAnswer}. */
export function parseAnswer<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedAnswer || !(error instanceof PyrgosError)) throw error;
    throw new MalformedAnswer(`${what} cannot be read: ${error.message}`, { cause: error });
  }
}

export function readCbor<T>(what: string, bytes: Uint8Array, read: (value: CborValue) => T): T {
  return parseAnswer(what, () => read(decodeCbor(bytes)));
}

export function readCborBoolean(what: string, bytes: Uint8Array): boolean {
  return readCbor(what, bytes, (value) => asBoolean(value, what));
}

export function readFrames<T>(
  what: string,
  bytes: Uint8Array,
  read: (frames: FrameReader) => T,
): T {
  return parseAnswer(what, () => read(new FrameReader(bytes)));
}

/** `bool8`; what follows it is ignored. */
export function readBool8(what: string, bytes: Uint8Array): boolean {
  return readFrames(what, bytes, (frames) => frames.bool8());
}

export function readText(what: string, bytes: Uint8Array): string {
  return parseAnswer(what, () => fromUtf8(bytes));
}

/** A member of a JSON object; the rest of it is ignored. */
export function readJsonMember(what: string, bytes: Uint8Array, member: string): unknown {
  const text = readText(what, bytes);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) {
      return new Map<string, unknown>(Object.entries(value)).get(member);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new MalformedAnswer(`${what} cannot be read.`);
}

export function readCid(what: string, text: unknown): Cid {
  if (typeof text !== 'string') throw new MalformedAnswer(`${what} is no text.`);
  return parseAnswer(what, () => Cid.parse(text));
}
