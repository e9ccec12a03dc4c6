/**
 * A stream that Node's own `http` takes as if it were a socket. Subclasses bring the bytes, and call
 * `bytesMoved` whenever some were sent or received.
 */
import { Duplex } from 'node:stream';

export class SocketDuplex extends Duplex {
  #stillness: NodeJS.Timeout | undefined;

  /** `readAheadBytes`: what is taken of the other end before it is read; Node's figure without it. */
  constructor(readAheadBytes?: number) {
    super({
      allowHalfOpen: true,
      ...(readAheadBytes === undefined ? {} : { readableHighWaterMark: readAheadBytes }),
    });
    this.once('close', () => clearTimeout(this.#stillness));
  }

  /** As of a socket: emits `timeout` when no byte was sent or received for that long; 0: never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    clearTimeout(this.#stillness);
    this.#stillness = undefined;
    if (milliseconds > 0 && !this.destroyed) {
      this.#stillness = setTimeout(() => this.emit('timeout'), milliseconds).unref();
      if (listener !== undefined) this.once('timeout', listener);
    } else if (listener !== undefined) this.off('timeout', listener);
    return this;
  }

  /** What is configured at sockets of the system has no meaning here. */
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

  protected bytesMoved(): void {
    if (!this.destroyed) this.#stillness?.refresh();
  }
}
