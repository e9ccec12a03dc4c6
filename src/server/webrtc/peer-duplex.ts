/** A stream of a peer as Node's own `http` takes one: as if it were a socket. */
import type { PeerStream } from '#lib/webrtc/streams.ts';
import { SocketDuplex } from '../http/socket-duplex.ts';

type Done = (error?: Error | null) => void;

export class PeerDuplex extends SocketDuplex {
  readonly #stream: PeerStream;
  readonly #read: () => Promise<Uint8Array | undefined>;
  #isReading = false;
  /** As of a socket: where the other side is. */
  readonly remoteAddress: string;

  /** `first` was read of the stream already. */
  constructor(stream: PeerStream, first: Uint8Array, remoteAddress: string) {
    super();
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

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#read().then(
      (piece) => {
        this.#isReading = false;
        this.bytesMoved();
        const isWanted = this.push(piece ?? null);
        if (isWanted && piece !== undefined) this._read();
      },
      () => this.destroy(),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#stream.write(chunk).then(() => {
      this.bytesMoved();
      done();
    }, done);
  }

  override _final(done: Done): void {
    this.#stream.finish().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    if (error !== null || !this.writableFinished) this.#stream.reset();
    else this.#stream.leave();
    // The other end may break off at any time: that is no failure of this node.
    done();
  }
}
