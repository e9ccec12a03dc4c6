/** A data channel of the native library as our streams use one. */
import type { DataChannel } from 'node-datachannel';
import { DRAINED_BYTES } from '#lib/webrtc/streams.ts';
import type { Channel } from '#lib/webrtc/streams.ts';

export function nodeChannel(channel: DataChannel): Channel {
  let isOpen = channel.isOpen();
  let isClosed = false;
  channel.setBufferedAmountLowThreshold(DRAINED_BYTES);
  return {
    get isOpen() {
      return isOpen && !isClosed;
    },
    get bufferedBytes() {
      return isClosed ? 0 : channel.bufferedAmount();
    },
    send: (message) => {
      if (isClosed) throw new Error('the channel is closed');
      channel.sendMessageBinary(message);
    },
    close: () => {
      if (!isClosed) channel.close();
    },
    listen: (listener) => {
      channel.onMessage((message) => {
        if (message instanceof ArrayBuffer) listener.onMessage(new Uint8Array(message));
        else if (typeof message !== 'string') listener.onMessage(message);
      });
      channel.onBufferedAmountLow(() => listener.onDrain());
      channel.onOpen(() => {
        isOpen = true;
        listener.onOpen();
      });
      const close = (): void => {
        if (isClosed) return;
        isClosed = true;
        listener.onClose();
      };
      channel.onClosed(close);
      channel.onError(close);
    },
  };
}
