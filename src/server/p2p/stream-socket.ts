/**
 * A libp2p stream as a socket for Node's own `http`, which then is the one parser of HTTP at both
 * ends. Nothing but the bytes of one request and one answer is on a stream of `/http` (B-1 §3.2).
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { SocketDuplex } from '../http/socket-duplex.ts';

/** A block; with less, libp2p would be told to pause and to go on many times in each. */
const READ_AHEAD_BYTES = 1024 * 1024;

type Done = (error?: Error | null) => void;

export class StreamSocket extends SocketDuplex {
  readonly #stream: Stream;
  #afterDrain: Done | undefined;
  #hasEnded = false;

  constructor(stream: Stream) {
    super(READ_AHEAD_BYTES);
    this.#stream = stream;
    // Also when nobody listens any more: a reset after the last byte concerns no one.
    this.on('error', () => undefined);
    stream.addEventListener('message', (event) => this.#take(event));
    stream.addEventListener('drain', () => this.#drained());
    stream.addEventListener('idle', () => this.#drained());
    stream.addEventListener('end', () => this.#end());
    stream.addEventListener('close', (event) => this.#closed(event));
    if (stream.readableEnded) this.#end();
  }

  override _read(): void {
    if (this.#stream.readStatus === 'paused') this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    this.#stream.close().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#afterDrain?.(error ?? new Error('The stream was closed.'));
    this.#afterDrain = undefined;
    if (this.#stream.status === 'open' || this.#stream.status === 'closing') {
      this.#stream.abort(error ?? new Error('The stream was given up.'));
    }
    done(error);
  }

  #send(chunks: readonly Uint8Array[], done: Done): void {
    this.bytesMoved();
    try {
      // Whether more may follow; what was given is taken in any case.
      const mayGoOn = chunks.map((chunk) => this.#stream.send(chunk)).at(-1) ?? true;
      if (mayGoOn) done();
      else this.#afterDrain = done;
    } catch (error) {
      done(error as Error);
    }
  }

  /**
   * The connection can take more; whether the peer can is known when what waits was sent, which
   * libp2p does in a microtask. Until then nothing more is given to it: it would keep all of it.
   */
  #drained(): void {
    queueMicrotask(() => {
      if (this.#stream.writableNeedsDrain || this.#stream.writeBufferLength > 0) return;
      this.#goOn();
    });
  }

  #goOn(): void {
    this.bytesMoved();
    const done = this.#afterDrain;
    this.#afterDrain = undefined;
    done?.();
  }

  #take({ data }: StreamMessageEvent): void {
    this.bytesMoved();
    let isWanted = true;
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      isWanted = this.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    }
    if (!isWanted && this.#stream.readStatus === 'readable') this.#stream.pause();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(null);
  }

  #closed({ error }: StreamCloseEvent): void {
    if (error !== undefined) {
      this.destroy(error);
      return;
    }
    this.#end();
    if (!this.writableEnded) this.end();
  }
}
