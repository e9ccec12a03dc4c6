/**
 * A stream of bytes in both directions on one data channel, each direction ending by itself
 * (libp2p's specification of WebRTC, multiplexing and closing). Nothing tells the other side to pause,
 * so what nobody has read is bounded: a stream with more of it breaks off.
 */
import type { Channel } from './channel.ts';
import { MalformedPeerData, StreamEnded } from './errors.ts';
import { encodeFrame, FLAG, FrameDecoder, MAX_DATA_BYTES, TO_NODE_DATA_BYTES } from './frames.ts';
import type { Frame } from './frames.ts';

/** Above this a writer waits until the channel drained. */
const FULL_BYTES = 1024 * 1024;
/** How long the other side may take to say that it received the end. */
const END_WITHIN_MS = 5_000;

/** What may lie unread: in one stream, and together with others that have the same parent. */
export class UnreadBudget {
  maxBytes: number;
  readonly #parent: UnreadBudget | undefined;
  #bytes = 0;

  constructor(maxBytes: number, parent?: UnreadBudget) {
    this.maxBytes = maxBytes;
    this.#parent = parent;
  }

  /** False: there is too much already, and nothing was added. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.maxBytes || this.#parent?.take(bytes) === false) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#parent?.give(bytes);
  }
}

/** What may wait on the side that asks, which reads at once. */
const CLIENT_UNREAD_BYTES = 16 * 1024 * 1024;

export class PeerStream {
  /** Resolves when the channel is closed; never rejects. */
  readonly closed: Promise<void>;
  readonly #channel: Channel;
  readonly #budget: UnreadBudget;
  /** Of what is sent, in one frame. */
  readonly #maxDataBytes: number;
  readonly #decoder = new FrameDecoder();
  readonly #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  /** No more will come: in order, or because of a failure. */
  #isRemoteDone = false;
  #isDone = false;
  #isAcknowledged = false;
  #isReading = true;
  #failure: Error | undefined;
  #wakeReader: (() => void) | undefined;
  readonly #wakeWriters = new Set<() => void>();
  #onClosed!: () => void;

  /** Without a budget it is a stream of the side that asks. */
  constructor(channel: Channel, budget?: UnreadBudget) {
    this.#channel = channel;
    this.#budget = budget ?? new UnreadBudget(CLIENT_UNREAD_BYTES);
    this.#maxDataBytes = budget === undefined ? TO_NODE_DATA_BYTES : MAX_DATA_BYTES;
    this.closed = new Promise((resolve) => (this.#onClosed = resolve));
    channel.listen({
      onOpen: () => this.#wake(),
      onMessage: (bytes) => this.#receive(bytes),
      onDrain: () => this.#wake(),
      onClose: () => this.#close(),
    });
  }

  /** Resolves when bytes may be sent. Rejects if the stream broke off before. */
  async opened(): Promise<void> {
    await this.#untilWritable();
  }

  /** The next bytes; undefined at the end. Rejects with why the stream broke off. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#unread.shift();
      if (piece !== undefined) {
        this.#unreadBytes -= piece.length;
        this.#budget.give(piece.length);
        return piece;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isRemoteDone) return undefined;
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  /** Sends bytes; resolves when more may follow. Rejects with why the stream broke off. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#maxDataBytes) {
      await this.#untilWritable();
      this.#send({ data: bytes.subarray(at, at + this.#maxDataBytes) });
    }
  }

  /** Ends this direction, and the stream once the other direction has ended. */
  async finish(): Promise<void> {
    if (this.#isDone || this.#failure !== undefined) return;
    await this.#untilWritable();
    this.#isDone = true;
    this.#send({ flag: FLAG.fin });
    this.#closeWhenOver();
  }

  /** The answer is complete: ends both directions, and the channel as soon as nothing is lost. */
  leave(): void {
    this.#isReading = false;
    this.#dropUnread();
    this.finish().then(
      () => this.#closeWithin(END_WITHIN_MS),
      () => undefined,
    );
  }

  /** Breaks off, and says so to the other side. */
  reset(reason: Error = new StreamEnded()): void {
    if (this.#failure !== undefined) return;
    this.#fail(reason);
    if (this.#channel.isOpen) {
      this.#send({ flag: FLAG.reset });
      this.#closeWithin(0);
    } else this.#channel.close();
  }

  async #untilWritable(): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#channel.isOpen && this.#channel.bufferedBytes < FULL_BYTES) return;
      await new Promise<void>((resolve) => this.#wakeWriters.add(resolve));
    }
  }

  #send(frame: Frame): void {
    try {
      this.#channel.send(encodeFrame(frame));
    } catch (error) {
      this.#fail(new StreamEnded());
      this.#channel.close();
      if (frame.data !== undefined) throw new StreamEnded(undefined, { cause: error });
    }
  }

  #receive(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      for (const frame of this.#decoder.add(bytes)) this.#take(frame);
    } catch (error) {
      this.reset(error as Error);
    }
  }

  #take({ flag, data }: Frame): void {
    if (data !== undefined && data.length > 0) this.#keep(data);
    if (flag === FLAG.fin) {
      this.#isRemoteDone = true;
      this.#send({ flag: FLAG.finAck });
    } else if (flag === FLAG.finAck) this.#isAcknowledged = true;
    else if (flag === FLAG.reset) {
      this.#fail(new StreamEnded('The other side broke off the stream.'));
      this.#channel.close();
    } else if (flag === FLAG.stopSending) {
      // Who reads nothing more has all it wanted; what is written from now on goes nowhere.
      this.#isAcknowledged = true;
    }
    if (flag !== undefined) this.#closeWhenOver();
    this.#wake();
  }

  #keep(data: Uint8Array): void {
    if (this.#isRemoteDone) throw new MalformedPeerData('Bytes came after the end of a stream.');
    if (!this.#isReading) return;
    if (!this.#budget.take(data.length)) {
      throw new MalformedPeerData('More bytes came than anybody reads.');
    }
    this.#unreadBytes += data.length;
    this.#unread.push(data);
  }

  /** Both directions ended, and both sides know. */
  #closeWhenOver(): void {
    const isOver = this.#isDone && this.#isAcknowledged;
    if (isOver && (this.#isRemoteDone || !this.#isReading)) this.#closeWithin(0);
    else if (this.#isDone && this.#isRemoteDone) this.#closeWithin(END_WITHIN_MS);
  }

  #closeWithin(ms: number): void {
    // What was just sent leaves first.
    const timer: unknown = setTimeout(() => this.#channel.close(), ms);
    void this.closed.then(() => clearTimeout(timer as ReturnType<typeof setTimeout>));
  }

  #close(): void {
    if (!this.#isRemoteDone) this.#fail(new StreamEnded());
    this.#failure ??= this.#isDone ? undefined : new StreamEnded();
    this.#wake();
    this.#onClosed();
  }

  #fail(reason: Error): void {
    this.#failure ??= reason;
    this.#dropUnread();
    this.#wake();
  }

  #dropUnread(): void {
    this.#budget.give(this.#unreadBytes);
    this.#unread.length = this.#unreadBytes = 0;
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
    for (const wake of this.#wakeWriters) wake();
    this.#wakeWriters.clear();
  }
}
