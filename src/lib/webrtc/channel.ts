/** A data channel, as each of these holds it: a browser, its worker, a relay of the page, or a node. */

export interface ChannelListener {
  /** It can be sent on now. */
  onOpen(): void;
  /** The bytes may be kept. */
  onMessage(bytes: Uint8Array): void;
  /** Of what waits to be sent, little is left. */
  onDrain(): void;
  /** For good; said once. */
  onClose(): void;
}

export interface Channel {
  readonly isOpen: boolean;
  /** What was handed over and is not on its way. */
  readonly bufferedBytes: number;
  /** Hands over one message, which is not written to afterwards. Throws if the channel is closed. */
  send(message: Uint8Array): void;
  /** What was sent may be lost. */
  close(): void;
  /** To be called once, in the task in which the channel was received. */
  listen(listener: ChannelListener): void;
}

/** When a channel says that it drained. */
export const DRAINED_BYTES = 256 * 1024;

/** The channel of a browser, in the page or in a worker. */
export function channelOf(channel: RTCDataChannel): Channel {
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = DRAINED_BYTES;
  return {
    get isOpen() {
      return channel.readyState === 'open';
    },
    get bufferedBytes() {
      return channel.bufferedAmount;
    },
    send: (message) => channel.send(message as Uint8Array<ArrayBuffer>),
    close: () => channel.close(),
    listen: (listener) => {
      let isClosed = false;
      const close = (): void => {
        if (!isClosed) listener.onClose();
        isClosed = true;
      };
      channel.addEventListener('open', () => listener.onOpen());
      channel.addEventListener('message', ({ data }: MessageEvent) => {
        if (data instanceof ArrayBuffer) listener.onMessage(new Uint8Array(data));
      });
      channel.addEventListener('bufferedamountlow', () => listener.onDrain());
      channel.addEventListener('close', close);
      channel.addEventListener('error', close);
      // It may have happened before anybody listened.
      if (channel.readyState === 'closed') close();
    },
  };
}
