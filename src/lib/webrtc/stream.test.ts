import { expect, test, vi } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import type { Channel, ChannelListener } from './channel.ts';
import { MalformedPeerData, StreamEnded } from './errors.ts';
import { encodeFrame, FLAG, FrameDecoder } from './frames.ts';
import { PeerStream, UnreadBudget } from './stream.ts';

/** The end of a channel whose other end is the test. */
class TestChannel implements Channel {
  isOpen = true;
  bufferedBytes = 0;
  readonly sent: string[] = [];
  listener!: ChannelListener;

  send(message: Uint8Array): void {
    if (!this.isOpen) throw new Error('closed');
    this.sent.push(toHex(message));
  }

  close(): void {
    if (this.isOpen) this.listener.onClose();
    this.isOpen = false;
  }

  listen(listener: ChannelListener): void {
    this.listener = listener;
  }

  /** The other end says this, in hex. */
  say(...frames: readonly string[]): void {
    for (const frame of frames) this.listener.onMessage(fromHex(frame));
  }
}

// As the specification has them: length, then field 1 (flag) or field 2 (bytes).
const FIN = '020800';
const STOP_SENDING = '020801';
const RESET = '020802';
const FIN_ACK = '020803';
const HELLO = '03120168';

async function all(stream: PeerStream): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) {
    pieces.push(piece);
  }
  return toHex(concat(...pieces));
}

test('what came before the end is read, the end is acknowledged, and the channel closes when both ended', async () => {
  const channel = new TestChannel();
  const stream = new PeerStream(channel);
  channel.say(HELLO, FIN);
  expect(await all(stream)).toBe('68');
  expect(channel.sent).toEqual([FIN_ACK]);
  await stream.write(Uint8Array.of(1));
  await stream.finish();
  expect(channel.sent.slice(1)).toEqual(['03120101', FIN]);
  expect(channel.isOpen).toBe(true);
  channel.say(FIN_ACK);
  await stream.closed;
  expect(channel.isOpen).toBe(false);
});

test('who has the whole answer leaves without waiting for the other side to end', async () => {
  const channel = new TestChannel();
  const stream = new PeerStream(channel);
  stream.leave();
  await vi.waitFor(() => expect(channel.sent).toEqual([FIN]));
  channel.say(HELLO, FIN_ACK);
  await stream.closed;
});

test('a reset ends reading and writing at once', async () => {
  const channel = new TestChannel();
  const stream = new PeerStream(channel);
  const reading = stream.read();
  channel.say(RESET);
  await expect(reading).rejects.toThrow(StreamEnded);
  await expect(stream.write(Uint8Array.of(1))).rejects.toThrow(StreamEnded);
});

test('a channel that closes in the midst of something is no end of it', async () => {
  const channel = new TestChannel();
  const stream = new PeerStream(channel);
  const reading = stream.read();
  channel.close();
  await expect(reading).rejects.toThrow(StreamEnded);
});

test('who reads nothing more is still told the end', async () => {
  const channel = new TestChannel();
  const stream = new PeerStream(channel);
  channel.say(STOP_SENDING, FIN);
  await stream.finish();
  await stream.closed;
  expect(channel.sent).toEqual([FIN_ACK, FIN]);
});

test('a writer waits while the channel is full, and until it is open', async () => {
  const channel = new TestChannel();
  channel.isOpen = false;
  const stream = new PeerStream(channel);
  const written = stream.write(new Uint8Array(40_000));
  await Promise.resolve();
  expect(channel.sent).toHaveLength(0);
  channel.isOpen = true;
  channel.bufferedBytes = 2 ** 20;
  channel.listener.onOpen();
  await Promise.resolve();
  expect(channel.sent).toHaveLength(0);
  channel.bufferedBytes = 0;
  channel.listener.onDrain();
  await written;
  expect(channel.sent).toHaveLength(10);
  expect(Math.max(...channel.sent.map((it) => it.length / 2))).toBeLessThanOrEqual(16 * 1024);
});

test('more than anybody reads breaks the stream off, alone or with others of its connection', async () => {
  const connection = new UnreadBudget(3000);
  const channels = [new TestChannel(), new TestChannel(), new TestChannel()];
  const streams = channels.map((it) => new PeerStream(it, new UnreadBudget(1500, connection)));
  const thousand = toHex(encodeFrame({ data: new Uint8Array(1000) }));
  for (const channel of channels) channel.say(thousand);
  channels[0]!.say(thousand);
  await expect(streams[0]!.read()).rejects.toThrow(MalformedPeerData);
  expect(channels[0]!.sent).toEqual([RESET]);
  // What the first one gave back is free again.
  channels[1]!.say(toHex(encodeFrame({ data: new Uint8Array(500) })));
  expect((await all(finished(channels[1]!, streams[1]!))).length).toBe(3000);
});

function finished(channel: TestChannel, stream: PeerStream): PeerStream {
  channel.say(FIN);
  return stream;
}

test('bytes after the end, and frames that are none, break the stream off', async () => {
  for (const hostile of [[FIN, HELLO], ['ffffff'], ['0205ff']]) {
    const channel = new TestChannel();
    const stream = new PeerStream(channel);
    channel.say(...hostile);
    await expect(all(stream)).rejects.toThrow(MalformedPeerData);
    expect(channel.sent.at(-1)).toBe(toHex(encodeFrame({ flag: FLAG.reset })));
  }
});

test.each([
  ['a node gets none of more than 4,096 bytes, which Kubo would not read', undefined, 4096],
  ['a page gets none of more than 16 KiB', new UnreadBudget(1_000), 16 * 1024],
])('of the frames %s', async (_, budget, longest) => {
  const channel = new TestChannel();
  const stream = new PeerStream(channel, budget);
  const content = Uint8Array.from({ length: 50_000 }, (__, i) => i * 7);
  await stream.write(content);
  const sent = channel.sent.map(fromHex);
  const lengths = sent.map(({ length }) => length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
  expect(lengths.length).toBe(Math.ceil(50_000 / (longest - 8)));
  const decoder = new FrameDecoder();
  const back = sent.flatMap((frame) => [...decoder.add(frame)].map(({ data }) => data!));
  expect(concat(...back)).toEqual(content);
});
