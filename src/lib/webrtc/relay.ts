/** A channel whose messages the page passes on, in browsers that cannot move it to a worker. */
import { channelOf, DRAINED_BYTES } from './channel.ts';
import type { Channel, ChannelListener } from './channel.ts';

/** What the page says beside messages, which are bytes. */
type Notice = 'open' | 'close' | { readonly sentBytes: number };

/** The page's end; answers the port for the engine. */
export function relayOf(moving: RTCDataChannel): MessagePort {
  const channel = channelOf(moving);
  const { port1, port2 } = new MessageChannel();
  let waitingBytes = 0;
  const say = (notice: Notice): void => port1.postMessage(notice);
  const drained = (): void => {
    if (waitingBytes > 0) say({ sentBytes: waitingBytes });
    waitingBytes = 0;
  };
  channel.listen({
    onOpen: () => say('open'),
    onMessage: (bytes) => port1.postMessage(bytes, [bytes.buffer]),
    onDrain: drained,
    onClose: () => say('close'),
  });
  port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!(data instanceof Uint8Array)) {
      channel.close();
      return;
    }
    try {
      channel.send(data);
    } catch {
      say('close');
      return;
    }
    waitingBytes += data.length;
    if (channel.bufferedBytes <= DRAINED_BYTES) drained();
  });
  port1.start();
  return port2;
}

/** The engine's end. */
export function relayedChannel(port: MessagePort): Channel {
  let isOpen = false;
  let bufferedBytes = 0;
  const receive = (data: unknown, listener: ChannelListener): void => {
    if (data instanceof Uint8Array) listener.onMessage(data);
    else if (data === 'open') {
      isOpen = true;
      listener.onOpen();
    } else if (data === 'close') {
      isOpen = false;
      port.close();
      listener.onClose();
    } else {
      bufferedBytes -= (data as Exclude<Notice, string>).sentBytes;
      if (bufferedBytes <= DRAINED_BYTES) listener.onDrain();
    }
  };
  return {
    get isOpen() {
      return isOpen;
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
    send: (message) => {
      if (!isOpen) throw new Error('the channel is closed');
      bufferedBytes += message.length;
      port.postMessage(message);
    },
    close: () => port.postMessage('close'),
    listen: (listener) => {
      port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        receive(data, listener);
      });
      port.start();
    },
  };
}
