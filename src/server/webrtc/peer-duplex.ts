/** A stream of a peer as Node's own `http` takes one: as if it were a socket. */
import { Duplex } from 'node:stream';
import type { PeerStream } from '#lib/webrtc/streams.ts';

type Done = (error?: Error | null) => void;

export class PeerDuplex extends Duplex {
  readonly #stream: PeerStream;
  readonly #read: () => Promise<Uint8Array | undefined>;
  #isReading = false;
  #stillnessMs = 0;
  #stillness: NodeJS.Timeout | undefined;
  /** As of a socket: where the other side is. */
  readonly remoteAddress: string;

  /** `first` was read of the stream already. */
  constructor(stream: PeerStream, first: Uint8Array, remoteAddress: string) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.remoteAddress = remoteAddress;
    let rest: Uint8Array | undefined = first;
    this.#read = async () => {
      const piece = rest !== undefined && rest.length > 0 ? rest : await stream.read();
      rest = undefined;
      return piece;
    };
    void stream.closed.then(() => this.destroy());
  }

  /** As of a socket: emits `timeout` when no byte moved for that long; 0: never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    clearTimeout(this.#stillness);
    this.#stillness = undefined;
    this.#stillnessMs = milliseconds;
    if (listener !== undefined) this.once('timeout', listener);
    this.#watch();
    return this;
  }

  /** Settings of the system's sockets, which mean nothing here. */
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#read().then(
      (piece) => {
        this.#isReading = false;
        this.#watch();
        const isWanted = this.push(piece ?? null);
        if (isWanted && piece !== undefined) this._read();
      },
      () => this.destroy(),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#stream.write(chunk).then(() => {
      this.#watch();
      done();
    }, done);
  }

  override _final(done: Done): void {
    this.#stream.finish().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#stillness);
    if (error !== null || !this.writableFinished) this.#stream.reset();
    else this.#stream.leave();
    // Whoever is at the other end may break off at any time: that is no failure of this node.
    done();
  }

  #watch(): void {
    clearTimeout(this.#stillness);
    if (this.#stillnessMs === 0 || this.destroyed) return;
    this.#stillness = setTimeout(() => this.emit('timeout'), this.#stillnessMs);
  }
}
