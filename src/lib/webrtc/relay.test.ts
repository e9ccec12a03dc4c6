import { expect, test, vi } from 'vitest';
import { DRAINED_BYTES } from './channel.ts';
import { relayedChannel, relayOf } from './relay.ts';

/** The part of a browser's channel that a relay uses. */
class FakeDataChannel extends EventTarget {
  readyState = 'connecting';
  bufferedAmount = 0;
  binaryType = '';
  bufferedAmountLowThreshold = 0;
  readonly sent: Uint8Array[] = [];

  send(message: Uint8Array): void {
    if (this.readyState !== 'open') throw new DOMException('closed', 'InvalidStateError');
    this.sent.push(message);
    this.bufferedAmount += message.length;
  }

  close(): void {
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }
}

function relay() {
  const data = new FakeDataChannel();
  const channel = relayedChannel(relayOf(data as unknown as RTCDataChannel));
  const heard = { onOpen: vi.fn(), onMessage: vi.fn(), onDrain: vi.fn(), onClose: vi.fn() };
  channel.listen(heard);
  const open = async (): Promise<void> => {
    data.readyState = 'open';
    data.dispatchEvent(new Event('open'));
    await vi.waitFor(() => expect(channel.isOpen).toBe(true));
  };
  return { data, channel, heard, open };
}

test('messages go both ways in order, and the close is told', async () => {
  const { data, channel, heard, open } = relay();
  expect(() => channel.send(Uint8Array.of(1))).toThrow('closed');
  await open();
  channel.send(Uint8Array.of(1));
  channel.send(Uint8Array.of(2));
  await vi.waitFor(() => expect(data.sent).toEqual([Uint8Array.of(1), Uint8Array.of(2)]));
  data.dispatchEvent(new MessageEvent('message', { data: Uint8Array.of(3).buffer }));
  await vi.waitFor(() => expect(heard.onMessage).toHaveBeenCalledWith(Uint8Array.of(3)));
  channel.close();
  await vi.waitFor(() => expect(heard.onClose).toHaveBeenCalledOnce());
  expect(channel.isOpen).toBe(false);
});

test('what the page has not sent yet counts as waiting until it has drained', async () => {
  const { data, channel, heard, open } = relay();
  await open();
  const message = new Uint8Array(DRAINED_BYTES + 1);
  channel.send(message);
  expect(channel.bufferedBytes).toBe(message.length);
  await vi.waitFor(() => expect(data.sent).toHaveLength(1));
  expect(heard.onDrain).not.toHaveBeenCalled();
  data.bufferedAmount = 0;
  data.dispatchEvent(new Event('bufferedamountlow'));
  await vi.waitFor(() => expect(heard.onDrain).toHaveBeenCalled());
  expect(channel.bufferedBytes).toBe(0);
});
